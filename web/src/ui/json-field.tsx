// A value as JSON: it counts as soon as it can be read, and says why where it cannot.

import { useState } from "react";

import type { Wrong } from "../api/model.ts";
import { same } from "../part/patch.ts";
import { TextArea } from "./field.tsx";

interface JsonFieldProps {
  label: string;
  about?: string;
  wrong?: Wrong[];
  value: unknown;
  /** What an empty field means. */
  empty: unknown;
  placeholder?: string;
  rows?: number;
  onValue: (value: unknown) => void;
}

export function JsonField({ label, about, wrong = [], value, empty, placeholder, rows = 3, onValue }: JsonFieldProps) {
  const [written, setWritten] = useState<string | null>(null);
  // What was written stays as it was written, for as long as it is still what counts: a field that set itself
  // anew would jump under the pointer.
  const stands = written !== null && (read(written, empty).mistake !== undefined || same(read(written, empty).value, value));
  const shown = stands ? written : show(value, empty);
  const mistake = read(shown, empty).mistake;
  return (
    <TextArea
      mono
      label={label}
      about={about}
      rows={rows}
      placeholder={placeholder}
      wrong={mistake ? [{ path: "", message: mistake }] : wrong}
      value={shown}
      onValue={(text) => {
        setWritten(text);
        const { value: now, mistake: why } = read(text, empty);
        if (!why) onValue(now);
      }}
    />
  );
}

function show(value: unknown, empty: unknown): string {
  if (value === undefined || JSON.stringify(value) === JSON.stringify(empty)) return "";
  return JSON.stringify(value, null, 2);
}

function read(text: string, empty: unknown): { value?: unknown; mistake?: string } {
  if (text.trim() === "") return { value: empty };
  try {
    return { value: JSON.parse(text) as unknown };
  } catch (error) {
    return { mistake: `This is not JSON: ${error instanceof Error ? error.message : "it cannot be read"}.` };
  }
}
