// A list of texts: one to a line, or words beside each other.

import { useState, type ReactNode } from "react";

import type { Wrong } from "../api/model.ts";
import { TextArea, TextInput } from "./field.tsx";

interface LinesProps {
  label: string;
  about?: ReactNode;
  wrong?: Wrong[];
  value: string[];
  placeholder?: string;
  rows?: number;
  onValue: (lines: string[]) => void;
}

export function LinesField({ value, onValue, rows = 2, ...rest }: LinesProps) {
  const [text, write] = useWritten(value, "\n", linesOf);
  return (
    <TextArea
      mono
      rows={rows}
      {...rest}
      value={text}
      onValue={(text) => {
        write(text);
        onValue(linesOf(text));
      }}
    />
  );
}

/** Words beside each other, with a comma or a space between them. */
export function WordsField({ value, onValue, rows: _rows, ...rest }: LinesProps) {
  const [text, write] = useWritten(value, ", ", wordsOf);
  return (
    <TextInput
      mono
      {...rest}
      value={text}
      onValue={(text) => {
        write(text);
        onValue(wordsOf(text));
      }}
    />
  );
}

const linesOf = (text: string) => text.split("\n").filter((line) => line.trim() !== "");
const wordsOf = (text: string) => text.split(/[,\s]+/).filter(Boolean);

/** A list as it was written, for as long as that is what it says: an empty line must not vanish under the hands of
 * who writes the next one. */
function useWritten(value: string[], between: string, read: (text: string) => string[]): [string, (text: string) => void] {
  const [written, setWritten] = useState<string | null>(null);
  const stands = written !== null && read(written).join("\n") === value.join("\n");
  return [stands ? written : value.join(between), setWritten];
}
