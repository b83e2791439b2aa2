// The fields of forms: a label, what is asked for, what it means, and what is wrong with it.

import { useId, type InputHTMLAttributes, type ReactNode, type TextareaHTMLAttributes } from "react";

import type { Wrong } from "../api/model.ts";

const LOOK =
  "block w-full rounded-md border border-line-strong bg-paper px-2.5 py-1.5 text-ink placeholder:text-faint aria-invalid:border-bad disabled:opacity-60";

interface FieldProps {
  label: ReactNode;
  /** What it is for, in a sentence. */
  about?: ReactNode;
  /** What the server says is wrong with it. */
  wrong?: Wrong[] | undefined;
  /** Whether the label is for the ear alone, where the eye sees what it is. */
  bare?: boolean;
}

/** What ties a field to its label and its words. */
interface Ties {
  id: string;
  "aria-invalid": boolean;
  "aria-describedby": string | undefined;
}

export function Field({ label, about, wrong = [], bare = false, children }: FieldProps & { children: (ties: Ties) => ReactNode }) {
  const id = useId();
  const words = wrong.length > 0 || about ? `${id}-words` : undefined;
  return (
    <div className="min-w-0">
      <label htmlFor={id} className={bare ? "sr-only" : "mb-1 block text-xs font-medium text-dim"}>
        {label}
      </label>
      {children({ id, "aria-invalid": wrong.length > 0, "aria-describedby": words })}
      {words && (
        <div id={words} className="mt-1 space-y-1 text-xs">
          <Mistakes of={wrong} />
          {about && <p className="text-faint">{about}</p>}
        </div>
      )}
    </div>
  );
}

/** Mistakes as they stand under what they are about. */
export function Mistakes({ of }: { of: Wrong[] }) {
  return of.map((one, index) => (
    <p key={index} className="text-bad wrap-anywhere">
      {one.message}
      {one.expected && ` Expected: ${one.expected}.`} {one.hint}
    </p>
  ));
}

type InputProps = FieldProps & {
  value: string;
  onValue: (value: string) => void;
  mono?: boolean;
} & Omit<InputHTMLAttributes<HTMLInputElement>, "value" | "onChange" | "id" | "children" | "about">;

export function TextInput({ label, about, wrong, bare, value, onValue, mono = false, ...rest }: InputProps) {
  return (
    <Field label={label} about={about} wrong={wrong} bare={bare ?? false}>
      {(ties) => (
        <input
          {...ties}
          autoComplete="off"
          spellCheck={!mono}
          {...rest}
          value={value}
          onChange={(event) => onValue(event.target.value)}
          className={`${LOOK} h-9 ${mono ? "font-mono text-xs" : ""}`}
        />
      )}
    </Field>
  );
}

type NumberProps = Omit<InputProps, "value" | "onValue"> & {
  value: number | undefined;
  onValue: (value: number | undefined) => void;
};

/** A number, or nothing. What is no number yet stays in the field and counts as nothing. */
export function NumberInput({ value, onValue, ...rest }: NumberProps) {
  return (
    <TextInput
      {...rest}
      type="number"
      step={rest.step ?? "any"}
      value={value === undefined ? "" : String(value)}
      onValue={(text) => onValue(text.trim() === "" || Number.isNaN(Number(text)) ? undefined : Number(text))}
    />
  );
}

type AreaProps = FieldProps & {
  value: string;
  onValue: (value: string) => void;
  mono?: boolean;
} & Omit<TextareaHTMLAttributes<HTMLTextAreaElement>, "value" | "onChange" | "id" | "children" | "about">;

export function TextArea({ label, about, wrong, bare, value, onValue, mono = false, rows = 3, ...rest }: AreaProps) {
  return (
    <Field label={label} about={about} wrong={wrong} bare={bare ?? false}>
      {(ties) => (
        <textarea
          {...ties}
          {...rest}
          rows={rows}
          value={value}
          spellCheck={!mono}
          onChange={(event) => onValue(event.target.value)}
          className={`${LOOK} field-sizing-content max-h-[32rem] resize-y leading-5 ${mono ? "font-mono text-xs" : ""}`}
          style={{ minHeight: `calc(${rows} * 1.25rem + 0.875rem)` }}
        />
      )}
    </Field>
  );
}

/** A word, or a word with what it is called. */
export type Option = string | readonly [value: string, words: string];

type ChooseProps<T extends string> = FieldProps & {
  value: T;
  options: readonly Option[];
  onValue: (value: T) => void;
  disabled?: boolean;
  className?: string;
};

export function Choose<T extends string>({ label, about, wrong, bare, value, options, onValue, disabled, className = "" }: ChooseProps<T>) {
  const pairs = options.map((option) => (typeof option === "string" ? ([option, option] as const) : option));
  // What is chosen may not be on offer any more, and is still what is chosen.
  const all = pairs.some(([one]) => one === value) ? pairs : [...pairs, [value, value] as const];
  return (
    <Field label={label} about={about} wrong={wrong} bare={bare ?? false}>
      {(ties) => (
        <select
          {...ties}
          value={value}
          disabled={disabled}
          onChange={(event) => onValue(event.target.value as T)}
          className={`${LOOK} h-9 ${className}`}
        >
          {all.map(([one, words]) => (
            <option key={one} value={one}>
              {words}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

interface ToggleProps {
  label: ReactNode;
  about?: ReactNode;
  wrong?: Wrong[];
  checked: boolean;
  onValue: (checked: boolean) => void;
}

export function Toggle({ label, about, wrong = [], checked, onValue }: ToggleProps) {
  const id = useId();
  return (
    <div className="flex gap-2">
      <input
        id={id}
        type="checkbox"
        checked={checked}
        aria-describedby={about ? `${id}-words` : undefined}
        onChange={(event) => onValue(event.target.checked)}
        className="mt-0.5 size-4 shrink-0 accent-(--color-accent)"
      />
      <div className="min-w-0">
        <label htmlFor={id} className="cursor-pointer">
          {label}
        </label>
        <div id={`${id}-words`} className="text-xs text-faint empty:hidden">
          {about}
        </div>
        <div className="text-xs">
          <Mistakes of={wrong} />
        </div>
      </div>
    </div>
  );
}

interface TicksProps {
  label: string;
  about?: ReactNode;
  wrong?: Wrong[];
  options: string[];
  picked: string[];
  onValue: (picked: string[]) => void;
}

/** Several of a list, each ticked or not. What is picked and not on the list stays, to be unticked. */
export function Ticks({ label, about, wrong = [], options, picked, onValue }: TicksProps) {
  const all = [...options, ...picked.filter((one) => !options.includes(one))];
  return (
    <fieldset className="min-w-0">
      <legend className="mb-1 text-xs font-medium text-dim">{label}</legend>
      <div className="flex flex-wrap gap-x-4 gap-y-1.5">
        {all.map((one) => (
          <Toggle
            key={one}
            label={<code className="font-mono text-xs">{one}</code>}
            checked={picked.includes(one)}
            onValue={(on) => onValue(on ? [...picked, one] : picked.filter((other) => other !== one))}
          />
        ))}
      </div>
      <div className="mt-1 space-y-1 text-xs">
        <Mistakes of={wrong} />
        {about && <p className="text-faint">{about}</p>}
      </div>
    </fieldset>
  );
}
