// What is not saved yet, what stands in the way of saving it, and the way back.

import { useShortcuts } from "../frame/keys.ts";
import { Button } from "../ui/button.tsx";
import { count } from "../ui/format.ts";
import { Icon } from "../ui/icon.tsx";
import { ProblemLine } from "../ui/problem.tsx";
import { useEditor } from "./edit/editor.ts";

export function SaveBar() {
  const editor = useEditor();
  const { dirty, check, saving, canUndo, canRedo } = editor;
  const wrong = check.mistakes.length;
  const ready = dirty && check.settled && wrong === 0 && !saving && !editor.overtaken;
  const save = () => {
    if (ready) editor.save().catch(() => undefined);
  };
  useShortcuts("This workflow", [
    { keys: "Mod+s", words: "Save", whileWriting: true, run: save },
    { keys: "Mod+z", words: "Undo", whileWriting: true, run: editor.undo },
    { keys: "Mod+Shift+z", words: "Do again", whileWriting: true, run: editor.redo },
    { keys: "Mod+y", words: "Do again, too", whileWriting: true, run: editor.redo },
  ]);
  return (
    <div className="sticky top-0 z-10 -mx-3 mb-3 bg-paper/95 px-3 py-2 backdrop-blur-sm sm:-mx-1 sm:px-1">
      <div className="flex min-h-9 flex-wrap items-center gap-2">
        <h2 id="stages" className="mr-auto text-base font-semibold">
          Stages
        </h2>
        <Button small weight="quiet" disabled={!canUndo} onClick={editor.undo} aria-label="Undo" title="Undo (Ctrl+Z)">
          <Icon name="undo" />
        </Button>
        <Button small weight="quiet" disabled={!canRedo} onClick={editor.redo} aria-label="Do again" title="Do again (Ctrl+Shift+Z)">
          <Icon name="redo" />
        </Button>
        {dirty && (
          <Button small onClick={editor.discard} disabled={saving}>
            Discard
          </Button>
        )}
        <Button small weight={dirty ? "primary" : "plain"} onClick={save} disabled={!ready}>
          {saving ? "Saving…" : dirty ? "Save" : "Saved"}
        </Button>
      </div>
      {/* The place of these words is always there, so that the picture does not jump. */}
      <p className={`min-h-4 text-xs ${wrong > 0 ? "text-bad" : "text-faint"}`} aria-live="polite">
        {wrong > 0
          ? `${count(wrong, "mistake")}: it cannot be saved like this.`
          : editor.said || (dirty ? "Not saved yet. It is kept in this tab." : "")}
      </p>
      {editor.overtaken && <Overtaken />}
      {editor.elsewhere.length > 0 && (
        <ul className="mt-1 rounded-md bg-bad-soft px-3 py-2 text-xs text-bad">
          {editor.elsewhere.slice(0, 5).map((one, at) => (
            <li key={at} className="wrap-anywhere">
              {one.path && <code className="font-mono">{one.path}: </code>}
              {one.message} {one.hint}
            </li>
          ))}
        </ul>
      )}
      {editor.saveError ? <ProblemLine error={editor.saveError} /> : null}
    </div>
  );
}

/** Someone else saved another version meanwhile: neither is lost without a word. */
function Overtaken() {
  const { discard, insist } = useEditor();
  return (
    <div role="alert" className="mt-1 flex flex-wrap items-center gap-2 rounded-md bg-warn-soft px-3 py-2 text-warn">
      <span className="min-w-0 flex-1 basis-60">This workflow was changed elsewhere since you began.</span>
      <Button small onClick={discard}>
        Take theirs
      </Button>
      <Button small onClick={insist}>
        Keep mine
      </Button>
    </div>
  );
}
