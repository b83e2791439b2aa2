// The project file beside the picture: the same thing in another view. What is written in it is in the picture as
// soon as it is right, and what is changed in the picture stands in it.

import { useEffect, useRef, useState } from "react";

import type { ProjectFile, Wrong } from "../api/model.ts";
import { goTo, Mistakes } from "../project/mistakes.tsx";
import { useCheck } from "../part/check.ts";
import { same } from "../part/patch.ts";
import { Icon } from "../ui/icon.tsx";
import { draftFrom, useEditor } from "./edit/editor.ts";

/** A text that is being written, and the draft that was there when it was last in step. */
interface Written {
  text: string;
  of: string;
}

export function FilePanel({ server }: { server: ProjectFile }) {
  const editor = useEditor();
  const [written, setWritten] = useState<Written | null>(null);
  const area = useRef<HTMLTextAreaElement>(null);
  const draft = JSON.stringify(editor.draft);
  // Whatever else changed the draft, such as an undo, leaves the text behind.
  const mine = written !== null && written.of === draft ? written : null;
  const check = useCheck(mine?.text ?? null, { show: true, prune: true });
  const document = check.settled ? (check.applied?.document as ProjectFile | undefined) : undefined;
  const strange = document && mine ? strangeness(document, editor.name, server) : null;

  useEffect(() => {
    if (!mine || !document || strange) return;
    const next = draftFrom(document, editor.name, server);
    if (!next || same(next, editor.draft)) return;
    editor.setDraft(next, "file");
    setWritten({ text: mine.text, of: JSON.stringify(next) });
  }, [document]);

  const text = mine?.text ?? editor.check.applied?.file;
  const wrong: Wrong[] = mine ? (strange ? [strange] : check.mistakes) : [];
  return (
    <div>
      <label htmlFor="project-file" className="sr-only">
        Project file
      </label>
      <textarea
        id="project-file"
        ref={area}
        value={text ?? ""}
        onChange={(event) => setWritten({ text: event.target.value, of: draft })}
        disabled={text === undefined}
        spellCheck={false}
        aria-invalid={wrong.length > 0}
        aria-describedby="file-words"
        className="block h-[min(60vh,44rem)] w-full resize-y rounded-md border border-line-strong bg-paper p-3 font-mono text-xs leading-5 whitespace-pre aria-invalid:border-bad"
      />
      <div id="file-words" className="mt-2">
        {wrong.length > 0 ? (
          <Mistakes wrong={wrong} onChoose={(line, column) => area.current && goTo(area.current, line, column)} />
        ) : text === undefined ? (
          <p className="text-xs text-bad">{editor.check.mistakes.length > 0 && "The picture has mistakes: mend them there, and the file follows."}</p>
        ) : (
          <p className="flex items-center gap-1.5 text-xs text-faint">
            <Icon name="info" className="!size-3.5" />
            {mine && !check.settled ? "Reading it…" : "The whole project. It is in step with the picture; comments are not kept."}
          </p>
        )}
      </div>
    </div>
  );
}

/** What a file must not do here, though another page may do it. */
function strangeness(document: ProjectFile, name: string, server: ProjectFile): Wrong | null {
  if (document.project !== server.project) {
    return { path: "project", message: `This is the project ${server.project}: its name stays as it is.` };
  }
  if (!document.workflows?.[name]) {
    return { path: `workflows.${name}`, message: `The workflow ${name} is not in the file any more.`, hint: "It is removed on its settings, not here." };
  }
  return null;
}
