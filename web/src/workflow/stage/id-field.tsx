// The id of a stage, by which results, outcomes and re-runs find it. It changes when that is asked for, not while one
// types: a half-written id would be carried to everything that names it.

import { useState } from "react";

import { Button } from "../../ui/button.tsx";
import { TextInput } from "../../ui/field.tsx";
import { Folded } from "../../ui/folded.tsx";
import { useEditor } from "../edit/editor.ts";

interface IdFieldProps {
  id: string;
  onId: (to: string) => void;
}

export function IdField({ id, onId }: IdFieldProps) {
  const { workflow } = useEditor();
  const [to, setTo] = useState(id);
  const mistake = to === id ? null : mistakeOf(to, workflow.stages.map((stage) => stage.id));
  return (
    <Folded
      id="id"
      title={
        <>
          Its id is <code className="font-mono">{id}</code>
        </>
      }
    >
      <form
        className="flex items-start gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          if (to !== id && mistake === null) onId(to);
        }}
      >
        <div className="min-w-0 flex-1">
          <TextInput
            bare
            label="Id"
            mono
            value={to}
            onValue={setTo}
            wrong={mistake === null ? [] : [{ path: "", message: mistake }]}
            about="Outcomes that lead here and tasks that name its result go with it. Runs that there were know it by the old one."
          />
        </div>
        <Button type="submit" disabled={to === id || mistake !== null}>
          Change the id
        </Button>
      </form>
    </Folded>
  );
}

/** Words that say where an outcome leads by themselves. */
const TAKEN = ["next", "end", "error"];

/** The longest name, as the server has it. */
const CHARS_MAX = 64;

function mistakeOf(id: string, others: string[]): string | null {
  if (others.includes(id)) return "Another stage has this id.";
  if (TAKEN.includes(id)) return `Where an outcome leads, "${id}" means something else.`;
  if (!/^[A-Za-z0-9_-]+$/.test(id) || id.length > CHARS_MAX) return 'An id is letters, digits, "-" and "_".';
  return null;
}
