// Who works in a stage: each agent with its phase, directive, shares, tools and permissions.

import { under } from "../../part/check.ts";
import { toolNames } from "../../team/tools.ts";
import { AgentName, Avatar } from "../../ui/agent.tsx";
import { Button } from "../../ui/button.tsx";
import { Choose, Mistakes, NumberInput, TextArea, Ticks, Toggle } from "../../ui/field.tsx";
import { Folded } from "../../ui/folded.tsx";
import { Icon } from "../../ui/icon.tsx";
import { WordsField } from "../../ui/lines-field.tsx";
import { assign, assignable, moveSeat, removeSeat, setSeat } from "../edit/changes.ts";
import { withField, type Seat } from "../edit/draft.ts";
import { useEditor } from "../edit/editor.ts";
import type { StageFieldsProps } from "./panel.tsx";

const PHASES = [
  ["start", "start: once, before the others"],
  ["default", "default: in cycles, until done"],
  ["completion", "completion: after the others"],
] as const;

export function Seats({ stage, wrong, change }: StageFieldsProps) {
  const { project, workflow } = useEditor();
  const agents = Object.keys(project.teams?.[workflow.team]?.agents ?? {});
  const free = assignable(stage, agents);
  // An agent may work in several phases, so its name is not enough to know a place by.
  const nth = (at: number) => stage.agents.slice(0, at).filter((seat) => seat.agent === stage.agents[at]?.agent).length;
  return (
    <section aria-label="Agents" className="space-y-2">
      <h4 className="text-xs font-medium text-dim">Agents</h4>
      {stage.agents.map((seat, at) => (
        <SeatFields
          key={`${seat.agent} ${nth(at)}`}
          seat={seat}
          wrong={under(wrong, `agents[${at}]`)}
          isFirst={at === 0}
          onSeat={(to, about) => change((one) => setSeat(one, at, to), `${at}.${about}`)}
          onUp={() => change((one) => moveSeat(one, at, at - 1))}
          onRemove={() => change((one) => removeSeat(one, at))}
        />
      ))}
      <div className="text-xs">
        <Mistakes of={wrong.filter((one) => one.path === "agents")} />
      </div>
      {free.length > 0 && (
        <Choose
          bare
          label="Assign an agent"
          value=""
          options={[["", "Assign an agent…"], ...free]}
          onValue={(agent) => change((one) => assign(one, agent))}
          className="max-w-56"
        />
      )}
    </section>
  );
}

interface SeatFieldsProps {
  seat: Seat;
  wrong: { path: string; message: string }[];
  isFirst: boolean;
  onSeat: (seat: Seat, about: string) => void;
  onUp: () => void;
  onRemove: () => void;
}

function SeatFields({ seat, wrong, isFirst, onSeat, onUp, onRemove }: SeatFieldsProps) {
  const { project } = useEditor();
  const set = <K extends keyof Seat>(field: K, value: Seat[K] | undefined) => onSeat(withField(seat, field, value), field);
  const of = (field: string) => under(wrong, field);
  const tools = toolNames(Object.keys(project.tools ?? {}).map((name) => ({ name })));
  return (
    <div className="rounded-md border border-line p-3" role="group" aria-label={seat.agent}>
      <div className="mb-2 flex items-center gap-2">
        <Avatar agent={seat.agent} small />
        <AgentName agent={seat.agent} className="min-w-0 flex-1 truncate" />
        <Button small weight="quiet" disabled={isFirst} onClick={onUp} aria-label={`${seat.agent} goes earlier`} title="Goes earlier">
          <Icon name="next" className="!size-3.5 rotate-180" />
        </Button>
        <Button small weight="quiet" onClick={onRemove} aria-label={`Take ${seat.agent} out`} title="Take out">
          <Icon name="close" className="!size-3.5" />
        </Button>
      </div>
      <div className="mb-2 text-xs">
        <Mistakes of={wrong.filter((one) => one.path === "" || one.path === "agent")} />
      </div>
      <div className="space-y-3">
        <TextArea
          label="Directive"
          rows={2}
          value={seat.directive ?? ""}
          onValue={(to) => set("directive", to)}
          wrong={of("directive")}
          placeholder="What this agent in particular is to do here."
        />
        <div className="grid gap-3 sm:grid-cols-2">
          <Choose
            label="Phase"
            value={seat.phase ?? "default"}
            options={PHASES}
            onValue={(to) => set("phase", to === "default" ? undefined : to)}
            wrong={of("phase")}
          />
          <WordsField
            label="Must share"
            value={seat.shares ?? []}
            onValue={(to) => set("shares", to)}
            wrong={of("shares")}
            placeholder="facts, verdict"
            about="Keys of shared memory."
          />
        </div>
        <Folded
          id={`seat.${seat.agent}`}
          title="Model, tools, questions and workflows"
          begins={wrong.some((one) => /^(model|tools|asks|ask_|runs|run_)/.test(one.path))}
        >
          <div className="space-y-3">
            <Choose
              label="Model at this stage"
              value={seat.model ?? ""}
              options={[["", "the agent's own"], ...Object.keys(project.models ?? {})]}
              onValue={(to) => set("model", to)}
              wrong={of("model")}
            />
            <Ticks label="Tools at this stage, besides its own" options={tools} picked={seat.tools ?? []} onValue={(to) => set("tools", to)} wrong={of("tools")} />
            <Toggle label="May ask a person" checked={seat.asks_user ?? false} onValue={(to) => set("asks_user", to)} wrong={of("asks_user")} />
            {seat.asks_user && (
              <NumberInput label="Waits for an answer, in seconds" min={1} value={seat.ask_timeout_s} onValue={(to) => set("ask_timeout_s", to)} placeholder="86400, a day" wrong={of("ask_timeout_s")} />
            )}
            <Toggle label="May run workflows of this project" checked={seat.runs_workflows ?? false} onValue={(to) => set("runs_workflows", to)} wrong={of("runs_workflows")} />
            {seat.runs_workflows && (
              <NumberInput label="Waits for a workflow, in seconds" min={1} value={seat.run_timeout_s} onValue={(to) => set("run_timeout_s", to)} placeholder="300" wrong={of("run_timeout_s")} />
            )}
          </div>
        </Folded>
      </div>
    </div>
  );
}
