// The fields of the form for a re-run: a choice among a few, a text, a name of a list.

import { useId, type ReactNode } from "react";

import { Button } from "../ui/button.tsx";
import { toolsOf, toolsText } from "./changes.ts";

interface ChoiceProps {
  name: string;
  checked: boolean;
  disabled?: boolean;
  title: ReactNode;
  children?: ReactNode;
  onChoose: () => void;
}

/** One of a few ways, with what it means. */
export function Choice({ name, checked, disabled = false, title, children, onChoose }: ChoiceProps) {
  const id = useId();
  return (
    <div className={`flex gap-2.5 rounded-md border px-3 py-2 ${checked ? "border-accent bg-accent-soft" : "border-line"}`}>
      <input
        id={id}
        type="radio"
        name={name}
        checked={checked}
        disabled={disabled}
        onChange={onChoose}
        aria-describedby={children ? `${id}-words` : undefined}
        className="mt-0.5 size-4 shrink-0 accent-(--color-accent)"
      />
      <div className="min-w-0 flex-1">
        <label htmlFor={id} className={`block font-medium wrap-anywhere ${disabled ? "text-dim" : "cursor-pointer"}`}>
          {title}
        </label>
        {children && (
          <div id={`${id}-words`} className="text-xs text-dim">
            {children}
          </div>
        )}
      </div>
    </div>
  );
}

interface FieldProps {
  label: string;
  /** Whether it is not what the definition says. */
  changed: boolean;
  onUndo: () => void;
  children: (id: string) => ReactNode;
}

/** A label that says whether its field was changed, and takes that back. */
function Field({ label, changed, onUndo, children }: FieldProps) {
  const id = useId();
  return (
    <div>
      <div className="mb-1 flex min-h-7 items-center gap-2">
        <label htmlFor={id} className="text-dim">
          {label}
        </label>
        {changed && (
          <>
            <span className="rounded bg-accent-soft px-1.5 text-2xs font-medium text-accent">changed</span>
            <Button small weight="quiet" className="ml-auto" onClick={onUndo} aria-label={`Undo the change: ${label}`}>
              Undo
            </Button>
          </>
        )}
      </div>
      {children(id)}
    </div>
  );
}

interface TextFieldProps extends Omit<FieldProps, "children"> {
  value: string;
  rows: number;
  placeholder: string;
  onChange: (text: string) => void;
}

export function TextField({ value, rows, placeholder, onChange, ...field }: TextFieldProps) {
  return (
    <Field {...field}>
      {(id) => (
        <textarea
          id={id}
          value={value}
          rows={rows}
          placeholder={placeholder}
          onChange={(event) => onChange(event.target.value)}
          className="block field-sizing-content max-h-96 w-full resize-y rounded-md border border-line-strong bg-paper px-3 py-2 leading-6 placeholder:text-faint"
          style={{ minHeight: `calc(${rows} * 1.5rem + 1rem)` }}
        />
      )}
    </Field>
  );
}

interface LineFieldProps extends Omit<FieldProps, "children"> {
  value: string;
  placeholder: string;
  onChange: (text: string) => void;
}

export function LineField({ value, placeholder, onChange, ...field }: LineFieldProps) {
  return (
    <Field {...field}>
      {(id) => (
        <input
          id={id}
          value={value}
          placeholder={placeholder}
          autoComplete="off"
          onChange={(event) => onChange(event.target.value)}
          className="h-9 w-full rounded-md border border-line-strong bg-paper px-3 placeholder:text-faint"
        />
      )}
    </Field>
  );
}

interface ToolsFieldProps extends Omit<FieldProps, "children"> {
  /** Names of tools, one after the other. */
  value: string;
  /** The tools that there are. */
  tools: string[];
  onChange: (text: string) => void;
}

/** Which tools there are to work with. One that is named and not there any more still stands there. */
export function ToolsField({ value, tools, onChange, ...field }: ToolsFieldProps) {
  const chosen = toolsOf(value);
  const all = [...new Set([...tools, ...chosen])];
  const toggle = (tool: string) => onChange(toolsText(chosen.includes(tool) ? chosen.filter((one) => one !== tool) : [...chosen, tool]));
  return (
    <Field {...field}>
      {(id) => (
        <div id={id} role="group" aria-label={field.label} className="flex flex-wrap gap-x-4 gap-y-1.5">
          {all.map((tool) => (
            <label key={tool} className="flex items-center gap-1.5">
              <input type="checkbox" checked={chosen.includes(tool)} onChange={() => toggle(tool)} className="size-4 accent-(--color-accent)" />
              <code className="font-mono text-xs">{tool}</code>
            </label>
          ))}
        </div>
      )}
    </Field>
  );
}

interface ModelFieldProps extends Omit<FieldProps, "children"> {
  value: string;
  models: string[];
  /** What having none means; nothing where one has to be chosen. */
  none: string | null;
  onChange: (model: string) => void;
}

export function ModelField({ value, models, none, onChange, ...field }: ModelFieldProps) {
  // A model that the project does not have any more is still the one that stands there.
  const all = value === "" || models.includes(value) ? models : [value, ...models];
  return (
    <Field {...field}>
      {(id) => (
        <select
          id={id}
          value={value}
          onChange={(event) => onChange(event.target.value)}
          className="h-9 w-full max-w-sm rounded-md border border-line-strong bg-paper px-2 text-ink"
        >
          {none !== null && <option value="">{none}</option>}
          {all.map((model) => (
            <option key={model} value={model}>
              {model}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
