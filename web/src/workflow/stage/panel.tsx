// All the fields of a stage, beside the picture.

import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef } from "react";

import type { Wrong } from "../../api/model.ts";
import { under } from "../../part/check.ts";
import { Mistakes, TextArea, TextInput } from "../../ui/field.tsx";
import { Folded } from "../../ui/folded.tsx";
import { stageActions } from "../edit/actions.ts";
import { setField } from "../edit/changes.ts";
import type { StageDraft } from "../edit/draft.ts";
import { useEditor } from "../edit/editor.ts";
import { renamedTo } from "../edit/rename.ts";
import { Approvals } from "./approvals.tsx";
import { Hooks } from "./hooks.tsx";
import { IdField } from "./id-field.tsx";
import { Outcomes } from "./outcomes.tsx";
import { Rules } from "./rules.tsx";
import { Seats } from "./seats.tsx";

/** What every group of fields of a stage is given. */
export interface StageFieldsProps {
  stage: StageDraft;
  index: number;
  /** What is wrong with it, by paths within the stage. */
  wrong: Wrong[];
  set: <K extends keyof StageDraft>(field: K, value: StageDraft[K] | undefined) => void;
  change: (change: (stage: StageDraft) => StageDraft, about?: string) => void;
}

/** The fields that have their place in the panel; a mistake of any other is told at its head. */
const SHOWN = /^(name|task|agents|outcomes|approval|entry|exit|summary|turns|result_schema|no_progress|max_cycles|on_max_cycles|max_visits|on_max_visits)\b/;

export function StagePanel({ id }: { id: string | undefined }) {
  const { workflow } = useEditor();
  const shown = useFollowed(id, workflow.stages.map((stage) => stage.id));
  const index = workflow.stages.findIndex((stage) => stage.id === shown);
  const stage = workflow.stages[index];
  if (!stage) return <p className="text-dim">Choose a stage in the picture to see and change all of it.</p>;
  return <Fields key={stage.id} stage={stage} index={index} />;
}

/** The stage of the address: under its other id, once that was changed, or the change undone. */
function useFollowed(id: string | undefined, ids: string[]): string | undefined {
  const navigate = useNavigate();
  const before = useRef(ids);
  const isThere = id === undefined || ids.includes(id);
  const now = isThere ? id : renamedTo(before.current, ids, id);
  useEffect(() => {
    if (isThere) before.current = ids;
    else if (now !== undefined) void navigate({ to: ".", search: (old) => ({ ...old, stage: now }), replace: true, resetScroll: false });
  });
  return now;
}

function Fields({ stage, index }: { stage: StageDraft; index: number }) {
  const editor = useEditor();
  const act = stageActions(editor);
  const wrong = under(editor.wrong, `stages[${index}]`);
  const name = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // Whoever adds a stage names it first.
    if (stage.task === "" && stage.name.startsWith("New stage")) name.current?.querySelector("input")?.select();
  }, []);
  const props: StageFieldsProps = {
    stage,
    index,
    wrong,
    set: (field, value) => act.set(stage.id, (one) => setField(one, field, value), field),
    change: (change, about) => act.set(stage.id, change, about),
  };
  const unplaced = wrong.filter((one) => !SHOWN.test(one.path));
  return (
    <div className="space-y-5">
      {unplaced.length > 0 && (
        <div className="rounded-md bg-bad-soft px-3 py-2 text-xs">
          <Mistakes of={unplaced} />
        </div>
      )}
      <div ref={name}>
        <TextInput
          label="Name"
          value={stage.name}
          onValue={(to) => props.set("name", to)}
          wrong={under(wrong, "name")}
        />
        <div className="mt-1.5 text-xs">
          <IdField id={stage.id} onId={(to) => act.rename(stage.id, to)} />
        </div>
      </div>
      <TextArea
        label="Task"
        rows={6}
        value={stage.task}
        onValue={(to) => props.set("task", to)}
        wrong={under(wrong, "task")}
        placeholder="What is to be done here."
        about={<Placeholders index={index} />}
      />
      <Seats {...props} />
      <Outcomes {...props} />
      <Folded id="approvals" title={`Approvals${said(stage.approval)}`} begins={has(wrong, "approval")}>
        <Approvals {...props} />
      </Folded>
      <Folded id="hooks" title={`Hooks${said([...(stage.entry ?? []), ...(stage.exit ?? [])])}`} begins={has(wrong, "entry") || has(wrong, "exit")}>
        <Hooks {...props} />
      </Folded>
      <Folded id="rules" title="Turns, cycles, visits, summary and schema" begins={/(summary|turns|schema|progress|max_)/.test(wrong.map((one) => one.path).join())}>
        <Rules {...props} />
      </Folded>
    </div>
  );
}

function said(list: unknown[] | undefined): string {
  return list && list.length > 0 ? `: ${list.length}` : "";
}

function has(wrong: Wrong[], field: string): boolean {
  return wrong.some((one) => one.path.startsWith(field));
}

/** What a task can refer to. */
function Placeholders({ index }: { index: number }) {
  const { stages } = useEditor().workflow;
  const before = stages.slice(0, index).map(({ id }) => (/^[A-Za-z_]\w*$/.test(id) ? `{{ results.${id} }}` : `{{ results["${id}"] }}`));
  return (
    <>
      Can name{" "}
      {["{{ input }}", ...before.slice(-3)].map((one, at) => (
        <span key={one}>
          {at > 0 && ", "}
          <code className="font-mono whitespace-nowrap">{one}</code>
        </span>
      ))}{" "}
      and shared memory as <code className="font-mono whitespace-nowrap">{"{{ memory.KEY }}"}</code>.
    </>
  );
}
