// The mistakes of a project file, each with its line; choosing one leads to its place in the text.

import type { Wrong } from "../api/model.ts";
import { count } from "../ui/format.ts";
import { Icon } from "../ui/icon.tsx";

export function Mistakes({ wrong, onChoose }: { wrong: Wrong[]; onChoose: (line: number, column: number) => void }) {
  return (
    <div
      role="alert"
      // They may be below what is in view, under a long file.
      ref={(element) => element?.scrollIntoView({ block: "nearest" })}
      className="scroll-mb-16 rounded-md border border-bad/40 bg-bad-soft"
    >
      <p className="flex items-center gap-2 px-3 py-2 font-medium text-bad">
        <Icon name="error" />
        {count(wrong.length, "mistake")} in the file. Nothing was changed.
      </p>
      <ul className="divide-y divide-line border-t border-line bg-panel">
        {wrong.map((one, index) => (
          <li key={index} className="flex flex-wrap gap-x-3 gap-y-1 px-3 py-2">
            {one.line != null && (
              <button
                type="button"
                onClick={() => onChoose(one.line ?? 1, one.column ?? 1)}
                className="h-fit rounded font-mono text-xs text-accent hover:underline"
              >
                Line {one.line}
              </button>
            )}
            <div className="min-w-0 flex-1 basis-60">
              <p className="wrap-anywhere">{one.message}</p>
              {one.expected && <p className="text-dim">Expected: {one.expected}</p>}
              {one.hint && <p className="text-dim">{one.hint}</p>}
              {one.path && <p className="font-mono text-xs wrap-anywhere text-faint">{one.path}</p>}
            </div>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Puts the cursor on a place in the text, and the place into view. */
export function goTo(area: HTMLTextAreaElement, line: number, column: number) {
  const lines = area.value.split("\n");
  const start = lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0);
  area.focus();
  area.setSelectionRange(start + column - 1, start + (lines[line - 1]?.length ?? 0));
  const height = parseFloat(getComputedStyle(area).lineHeight);
  area.scrollTop = Math.max(0, (line - 4) * height);
}
