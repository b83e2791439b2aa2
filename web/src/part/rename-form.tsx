// Renames a part: what refers to it goes with it, and what it would lead to is checked while one writes.

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import type { ProjectFile } from "../api/model.ts";
import { applyFile, documentQuery } from "../project/queries.ts";
import { Button } from "../ui/button.tsx";
import { TextInput } from "../ui/field.tsx";
import { focusMainIfLost } from "../ui/focus.ts";
import { ProblemLine } from "../ui/problem.tsx";
import { useCheck } from "./check.ts";
import { changePart, removePart } from "./queries.ts";
import { keepsNumber, renamePiece, type Named } from "./rename.ts";

interface RenameProps {
  project: number;
  id: number;
  noun: string;
  part: Named;
  /** Why it cannot be renamed now. */
  barred?: string;
}

/** The button, and the form that it opens. */
export function useRename(props: RenameProps) {
  const [open, setOpen] = useState(false);
  const button = (
    <Button small disabled={props.barred !== undefined} title={props.barred} aria-expanded={open} onClick={() => setOpen(!open)} aria-label={`Rename the ${props.noun} ${props.part.name}`}>
      Rename
    </Button>
  );
  const form = open && props.barred === undefined ? <RenameForm {...props} onDone={() => setOpen(false)} /> : null;
  return { button, form };
}

export function RenameForm({ project, id, noun, part, onDone }: RenameProps & { onDone: () => void }) {
  const file = useQuery(documentQuery(project)).data;
  const [name, setName] = useState(part.name);
  const queries = useQueryClient();
  const isNew = name !== part.name && name !== "";
  const isTaken = isNew && file !== undefined && taken(file, part).includes(name);
  const check = useCheck(isNew && !isTaken && file ? renamePiece(file, part, name) : null);
  const renaming = useMutation({
    mutationFn: async () => {
      if (keepsNumber(part)) return changePart(part.kind, id, { name: part.name }, { name });
      // Of what others did meanwhile nothing is written over.
      const now = await queries.fetchQuery({ ...documentQuery(project), staleTime: 0 });
      await applyFile(JSON.stringify(renamePiece(now, part, name)), false);
      // An agent is within its team, which has been replaced with it.
      if (part.kind !== "agents") await removePart(part.kind, id);
    },
    onSuccess: onDone,
    onSettled: async () => {
      await queries.invalidateQueries();
      focusMainIfLost();
    },
  });
  const mistakes = isTaken ? [{ path: "", message: `There is a ${noun} of this name already.` }] : isNew ? check.mistakes : [];
  const ready = isNew && mistakes.length === 0 && file !== undefined && !renaming.isPending;
  return (
    <form
      noValidate
      className="mt-3 border-t border-line pt-3"
      aria-label={`Rename the ${noun} ${part.name}`}
      onKeyDown={(event) => event.key === "Escape" && onDone()}
      onSubmit={(event) => {
        event.preventDefault();
        if (ready) renaming.mutate();
      }}
    >
      <div className="flex flex-wrap items-start gap-2">
        <div className="min-w-0 flex-1 basis-64">
          <TextInput
            autoFocus
            bare
            mono
            label={`New name of ${part.name}`}
            value={name}
            onValue={setName}
            wrong={mistakes}
            about="All that refers to it goes with it. Runs that have begun keep the old name."
          />
        </div>
        <div className="flex gap-2">
          <Button type="submit" weight="primary" disabled={!ready}>
            {renaming.isPending ? "Renaming…" : "Rename it"}
          </Button>
          <Button onClick={onDone}>Cancel</Button>
        </div>
      </div>
      <div className="mt-2 empty:hidden">
        <ProblemLine error={renaming.error} />
      </div>
    </form>
  );
}

function taken(file: ProjectFile, part: Named): string[] {
  return Object.keys((part.kind === "agents" ? file.teams?.[part.team]?.agents : file[part.kind]) ?? {});
}
