// Where the input of a run is written, as text or as JSON.

import { useId, type ReactNode } from "react";

import { readInput } from "./input.ts";

interface InputFieldProps {
  label: ReactNode;
  text: string;
  json: boolean;
  placeholder: string;
  onChange: (to: { text: string; json: boolean }) => void;
  /** What the keys do that send a form. */
  onSubmit?: () => void;
}

export function InputField({ label, text, json, placeholder, onChange, onSubmit }: InputFieldProps) {
  const id = useId();
  const read = readInput({ text, json });
  const mistake = "mistake" in read ? read.mistake : null;
  return (
    <>
      <div className="mb-2 flex items-start justify-between gap-3">
        <label htmlFor={id} className="pt-0.5 font-semibold text-balance">
          {label}
        </label>
        <div role="group" aria-label="Format of the input" className="flex rounded-md bg-well p-0.5">
          <Format name="Text" pressed={!json} onPress={() => onChange({ text, json: false })} />
          <Format name="JSON" pressed={json} onPress={() => onChange({ text, json: true })} />
        </div>
      </div>
      <textarea
        id={id}
        value={text}
        onChange={(event) => onChange({ text: event.target.value, json })}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) onSubmit?.();
        }}
        rows={4}
        spellCheck={!json}
        placeholder={json ? '{ "topic": "…" }' : placeholder}
        aria-invalid={mistake !== null}
        aria-describedby={`${id}-mistake`}
        className={`block w-full resize-y rounded-md border border-line-strong bg-paper px-3 py-2 placeholder:text-faint ${json ? "font-mono text-xs leading-5" : ""}`}
      />
      <p id={`${id}-mistake`} className="mt-1 min-h-5 text-xs text-bad" aria-live="polite">
        {mistake}
      </p>
    </>
  );
}

function Format({ name, pressed, onPress }: { name: string; pressed: boolean; onPress: () => void }) {
  return (
    <button
      type="button"
      aria-pressed={pressed}
      onClick={onPress}
      className={`h-6 rounded px-2 text-xs font-medium ${pressed ? "bg-panel text-ink shadow-sm" : "text-dim hover:text-ink"}`}
    >
      {name}
    </button>
  );
}
