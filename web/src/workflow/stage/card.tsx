// A stage in the picture: what it is for, who works in it, what happens around it, and where it leads.

import type { KeyboardEvent } from "react";

import { under } from "../../part/check.ts";
import { count } from "../../ui/format.ts";
import { Icon, type IconName } from "../../ui/icon.tsx";
import { stageActions } from "../edit/actions.ts";
import { assignable, removeSeat } from "../edit/changes.ts";
import { useGrip } from "../edit/drag.tsx";
import type { StageDraft } from "../edit/draft.ts";
import { useEditor } from "../edit/editor.ts";
import { OutcomeLine } from "./outcome-line.tsx";
import { SeatLine } from "./seat-line.tsx";

interface StageCardProps {
  stage: StageDraft;
  index: number;
  isOpen: boolean;
  onOpen: () => void;
}

export function StageCard({ stage, index, isOpen, onOpen }: StageCardProps) {
  const editor = useEditor();
  const act = stageActions(editor);
  const { workflow, project, wrong } = editor;
  const team = project.teams?.[workflow.team]?.agents ?? {};
  const mistakes = under(wrong, `stages[${index}]`);
  const others = Object.keys(project.workflows ?? {}).filter((name) => name !== editor.name);
  return (
    <article
      data-stage={stage.id}
      aria-label={stage.name}
      className={`card min-w-0 px-3 pt-2 pb-3 sm:px-4 ${isOpen ? "!border-accent ring-1 ring-accent" : mistakes.length > 0 ? "!border-bad/60" : ""}`}
    >
      <Head stage={stage} index={index} isOpen={isOpen} onOpen={onOpen} />
      {mistakes.length > 0 && (
        <button type="button" onClick={onOpen} className="mt-1 flex gap-1.5 text-left text-xs font-medium text-bad hover:underline">
          <Icon name="error" className="!size-3.5 mt-px" />
          {count(mistakes.length, "mistake")}: {mistakes[0]?.message}
        </button>
      )}
      <Around of={stage} where="before" />
      <p className="mt-1 line-clamp-4 text-dim whitespace-pre-line wrap-anywhere">
        {stage.task.trim() || <span className="text-faint italic">No task yet.</span>}
      </p>
      <ul className="mt-3 space-y-1.5" aria-label={`Agents of ${stage.name}`}>
        {stage.agents.map((seat, at) => (
          <SeatLine key={at} seat={seat} agent={team[seat.agent]} onRemove={() => act.set(stage.id, (one) => removeSeat(one, at))} />
        ))}
      </ul>
      <Assign stage={stage} agents={Object.keys(team)} onAssign={(agent) => act.assign(stage.id, agent)} />
      <Around of={stage} where="after" />
      <ul className="mt-2 space-y-0.5 border-t border-line pt-2 empty:hidden" aria-label={`Outcomes of ${stage.name}`}>
        {Object.entries(stage.outcomes ?? {}).map(([label, target]) => (
          <OutcomeLine
            key={label}
            stage={stage}
            label={label}
            target={target}
            index={index}
            stages={workflow.stages}
            workflows={others}
            onTarget={(to) => act.connect(stage.id, label, to)}
          />
        ))}
      </ul>
      <button
        type="button"
        onClick={() => act.addOutcome(stage.id)}
        aria-label={`Add an outcome to ${stage.name}`}
        className="mt-2 flex items-center gap-1 rounded text-xs text-dim hover:text-accent"
      >
        <Icon name="plus" className="!size-3" /> Outcome
      </button>
    </article>
  );
}

function Head({ stage, index, isOpen, onOpen }: StageCardProps) {
  const editor = useEditor();
  const act = stageActions(editor);
  const last = editor.workflow.stages.length - 1;
  const grip = useGrip({ what: "stage", value: stage.id, words: stage.name });
  const keys = (event: KeyboardEvent) => {
    const steps: Record<string, number> = { ArrowUp: -1, ArrowDown: 1 };
    const to = steps[event.key];
    if (event.altKey && to !== undefined) {
      event.preventDefault();
      act.move(stage.id, index + to);
    }
    if (event.key === "Delete") {
      event.preventDefault();
      act.remove(stage.id);
    }
  };
  return (
    <header className="flex items-center gap-1.5">
      <span
        onPointerDown={grip.onPointerDown}
        data-grip={stage.id}
        title="Drag to move"
        className={`-ml-1.5 grid size-7 shrink-0 place-items-center text-faint pointer-coarse:size-9 ${grip.className}`}
      >
        <Icon name="grip" />
      </span>
      <h3 className="min-w-0 flex-1 text-base font-semibold">
        <button
          type="button"
          onClick={onOpen}
          onKeyDown={keys}
          aria-expanded={isOpen}
          aria-keyshortcuts="Alt+ArrowUp Alt+ArrowDown Delete"
          className="max-w-full truncate rounded text-left hover:text-accent"
        >
          {stage.name || <span className="text-faint italic">No name yet</span>}
        </button>
      </h3>
      <code className="hidden max-w-32 truncate font-mono text-2xs text-faint sm:block">{stage.id}</code>
      <Small icon="next" flipped words={`Move ${stage.name} up`} off={index === 0} onPress={() => act.move(stage.id, index - 1)} />
      <Small icon="next" words={`Move ${stage.name} down`} off={index === last} onPress={() => act.move(stage.id, index + 1)} />
      <Small icon="trash" words={`Remove the stage ${stage.name}`} off={last === 0} onPress={() => act.remove(stage.id)} />
    </header>
  );
}

interface SmallProps {
  icon: IconName;
  words: string;
  off: boolean;
  flipped?: boolean;
  onPress: () => void;
}

function Small({ icon, words, off, flipped = false, onPress }: SmallProps) {
  return (
    <button
      type="button"
      onClick={onPress}
      disabled={off}
      aria-label={words}
      title={words}
      className="grid size-7 shrink-0 place-items-center rounded text-faint pointer-coarse:size-9 hover:bg-well hover:text-ink disabled:opacity-30 disabled:hover:bg-transparent"
    >
      <Icon name={icon} className={`!size-3.5 ${flipped ? "rotate-180" : ""}`} />
    </button>
  );
}

function Assign({ stage, agents, onAssign }: { stage: StageDraft; agents: string[]; onAssign: (agent: string) => void }) {
  const free = assignable(stage, agents);
  if (free.length === 0) return null;
  return (
    <select
      aria-label={`Assign an agent to ${stage.name}`}
      value=""
      onChange={(event) => onAssign(event.target.value)}
      className="mt-1.5 h-7 w-44 max-w-full rounded-md border pointer-coarse:h-9 border-dashed border-line-strong bg-transparent px-1.5 text-xs text-dim hover:border-accent"
    >
      <option value="">Assign an agent…</option>
      {free.map(([agent, words]) => (
        <option key={agent} value={agent}>
          {words}
        </option>
      ))}
    </select>
  );
}

/** What happens before and after the agents work: approvals and hooks, in the order in which it does. */
function Around({ of: stage, where }: { of: StageDraft; where: "before" | "after" }) {
  const approvals = (stage.approval ?? []).filter((approval) => approval.when === where).map(() => ["person", "A person approves"] as const);
  const hooks = (where === "before" ? stage.entry : stage.exit) ?? [];
  const lines = [
    ...approvals,
    ...hooks.map((hook) => ["hook", `${hook.tool}${hook.key ? ` into ${hook.key}` : ""}${hook.always ? ", always" : ""}`] as const),
  ];
  if (lines.length === 0) return null;
  return (
    <ul className="mt-2 flex flex-wrap gap-1.5" aria-label={where === "before" ? "Before the work" : "After the work"}>
      {lines.map(([icon, words], index) => (
        <li key={index} className="flex items-center gap-1.5 rounded border border-line px-1.5 py-0.5 text-xs text-dim">
          <Icon name={icon} className="!size-3.5" />
          {words}
        </li>
      ))}
    </ul>
  );
}
