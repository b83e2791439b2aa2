// The editor of a workflow: what is written and not saved yet, what can be undone, what the server says to
// it, and how it is saved. The picture, the fields and the file are three views of it.

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { createContext, use, useEffect, useMemo, useState } from "react";

import type { ProjectFile, Wrong } from "../../api/model.ts";
import { under, useCheck, type Check } from "../../part/check.ts";
import { patchOf, same } from "../../part/patch.ts";
import { changePart } from "../../part/queries.ts";
import { applyFile, documentQuery } from "../../project/queries.ts";
import { recall, remember } from "../../ui/kept.ts";
import { draftOf, type WorkflowDraft } from "./draft.ts";
import { begin, redo, settle, step, undo, type History } from "./history.ts";

/** What is being edited: the workflow, and the rest of the project where the file was changed beyond it. */
export interface Draft {
  workflow: WorkflowDraft;
  /** The whole project as it is to be; nothing where only the workflow differs. */
  project: ProjectFile | null;
}

export interface Editor {
  name: string;
  project: ProjectFile;
  draft: Draft;
  workflow: WorkflowDraft;
  /** Whether something is written that is not saved. */
  dirty: boolean;
  check: Check;
  /** What is wrong with the workflow, by paths within it. */
  wrong: Wrong[];
  /** What is wrong elsewhere. */
  elsewhere: Wrong[];
  /** What was last done, for those who do not see it. */
  said: string;
  change: (workflow: WorkflowDraft, about?: string | null, said?: string) => void;
  setDraft: (draft: Draft, about: string | null) => void;
  canUndo: boolean;
  canRedo: boolean;
  undo: () => void;
  redo: () => void;
  discard: () => void;
  save: () => Promise<unknown>;
  saving: boolean;
  saveError: unknown;
  /** Whether someone else changed the workflow since this was begun. */
  overtaken: boolean;
  /** Goes on with what is written, over what the other did. */
  insist: () => void;
}

const Context = createContext<Editor | null>(null);

export const EditorProvider = Context.Provider;

export function useEditor(): Editor {
  const editor = use(Context);
  if (!editor) throw new Error("There is no workflow to be edited here.");
  return editor;
}

/** What is kept over a reload: what is written, and what it was begun from. */
interface Kept {
  base: WorkflowDraft;
  draft: Draft;
}

interface Begun {
  id: number;
  projectId: number;
  name: string;
  /** The project as the server has it. */
  server: ProjectFile;
}

export function useNewEditor({ id, projectId, name, server }: Begun): Editor {
  const place = `callboard.workflow.${id}`;
  const stored = useMemo(() => draftOf(server.workflows?.[name] ?? { team: "", stages: [] }), [server, name]);
  const [base, setBase] = useState<WorkflowDraft>(() => recall<Kept>(place)?.base ?? stored);
  const [history, setHistory] = useState<History<Draft>>(() => begin(recall<Kept>(place)?.draft ?? { workflow: stored, project: null }));
  const [said, setSaid] = useState("");
  const queries = useQueryClient();
  const draft = history.present;
  const { workflow } = draft;
  const dirty = draft.project !== null || !same(workflow, base);

  useEffect(() => remember(place, dirty ? { base, draft } : undefined), [place, dirty, base, draft]);
  useEffect(() => {
    // Nothing is written here, so what the server has is what is shown.
    if (dirty || same(base, stored)) return;
    setBase(stored);
    setHistory((now) => settle(now, { workflow: stored, project: null }));
  }, [dirty, base, stored]);

  const project = draft.project ?? { ...server, workflows: { ...server.workflows, [name]: workflow } };
  const piece = draft.project ?? { project: server.project, workflows: { [name]: workflow } };
  const check = useCheck(piece, { show: true, prune: draft.project !== null });
  const at = `workflows.${name}`;

  const saving = useMutation({
    mutationFn: async () => {
      if (draft.project) await applyFile(JSON.stringify(draft.project), false, true);
      else await changePart("workflows", id, server.workflows?.[name] ?? {}, workflow as unknown as Record<string, unknown>);
      return queries.fetchQuery({ ...documentQuery(projectId), staleTime: 0 });
    },
    onSuccess: (saved) => {
      const now = draftOf(saved.workflows?.[name] ?? { team: "", stages: [] });
      setBase(now);
      setHistory((history) => settle(history, { workflow: now, project: null }));
      setSaid("Saved.");
      void queries.invalidateQueries();
    },
  });

  const put = (next: Draft, about: string | null, words = "") => {
    if (same(next, draft)) return;
    saving.reset();
    setHistory((now) => step(now, next, about, Date.now()));
    setSaid(words);
  };
  return {
    name,
    project,
    draft,
    workflow,
    dirty,
    check,
    wrong: under(check.mistakes, at),
    elsewhere: check.mistakes.filter((one) => under([one], at).length === 0),
    said,
    change: (to, about = null, words) => put({ ...draft, workflow: to, project: within(draft.project, name, to) }, about, words),
    setDraft: put,
    canUndo: history.past.length > 0,
    canRedo: history.future.length > 0,
    undo: () => (setHistory(undo), setSaid("Undone.")),
    redo: () => (setHistory(redo), setSaid("Done again.")),
    discard: () => (setBase(stored), put({ workflow: stored, project: null }, null, "Back to what is saved.")),
    save: () => saving.mutateAsync(),
    saving: saving.isPending,
    saveError: saving.error,
    overtaken: dirty && !same(base, stored),
    insist: () => setBase(stored),
  };
}

function within(project: ProjectFile | null, name: string, workflow: WorkflowDraft): ProjectFile | null {
  return project && ({ ...project, workflows: { ...project.workflows, [name]: workflow } } as ProjectFile);
}

/** The draft that a whole project file makes of a workflow, beside what the server has. */
export function draftFrom(document: ProjectFile, name: string, server: ProjectFile): Draft | null {
  const own = document.workflows?.[name];
  if (!own) return null;
  const rest = (of: ProjectFile) => ({ ...of, workflows: { ...of.workflows, [name]: null } });
  const alike = patchOf(rest(server), rest(document)) === undefined;
  return { workflow: draftOf(own), project: alike ? null : document };
}
