// What can be said otherwise in a re-run: the task of a stage, its model, and what its agents are told.

import type { AgentFields, Stage } from "../api/model.ts";
import { Loading } from "../ui/empty.tsx";
import { Folded } from "../ui/folded.tsx";
import { changed, placeKey, toolsText, type Changes, type Place } from "./changes.ts";
import { LineField, ModelField, TextField, ToolsField } from "./fields.tsx";
import { stageModel, stageTools } from "./stands.ts";
import type { Known } from "./stands-query.ts";

interface TextsProps {
  /** By which name its folds are remembered. */
  id: string;
  /** The id of the stage. */
  stage: string;
  stageName: string;
  known: Known;
  /** What is changed already, under what is changed here. */
  under: Changes;
  changes: Changes;
  onChange: (changes: Changes) => void;
}

/** What the fields of one place need. */
interface Spot {
  label: string;
  changed: boolean;
  value: string;
  onChange: (text: string) => void;
  onUndo: () => void;
}

export function Texts({ id, stage, stageName, known, under, changes, onChange }: TextsProps) {
  const { stands, models, tools } = known;
  const found = stands?.stages.find((one) => one.id === stage);
  const spot = (place: Place, label: string, said: string | null): Spot => {
    const below = under[placeKey(place)] ?? said;
    const own = changes[placeKey(place)];
    return {
      label,
      changed: own !== undefined,
      value: own ?? below ?? "",
      onChange: (text) => onChange(changed(changes, place, text, below)),
      onUndo: () => onChange(changed(changes, place, below ?? "", below)),
    };
  };
  if (known.pending) return <Loading rows={3} height="h-14" />;
  if (stands && !found) return <p className="text-dim">{stageName} is not in this definition.</p>;
  const unknown = found === undefined;
  return (
    <div className="space-y-3">
      <TextField
        {...spot({ of: "task", stage }, `Task of ${stageName}`, found?.task ?? null)}
        rows={3}
        placeholder={unknown ? "As it was. Its words are not in the project any more; what you write here takes their place." : ""}
      />
      <ModelField
        {...spot({ of: "stage_model", stage }, `Model of ${stageName}`, found ? stageModel(found) : null)}
        models={models}
        none={found && stageModel(found) !== "" ? null : "As each agent has it"}
      />
      <Folded id={`${id}-tools`} title={`Tools of ${stageName}`}>
        <ToolsField {...spot({ of: "stage_tools", stage }, `Tools of all agents at ${stageName}`, found ? stageTools(found) : null)} tools={tools} />
      </Folded>
      {found && agentsOf(found).map((agent) => (
        <Agent key={agent} id={`${id}-${agent}`} agent={agent} stage={found} fields={stands?.agents[agent]} known={known} spot={spot} />
      ))}
    </div>
  );
}

function agentsOf(stage: Stage): string[] {
  return [...new Set(stage.agents.map((place) => place.agent))];
}

interface AgentProps {
  id: string;
  agent: string;
  stage: Stage;
  fields: AgentFields | undefined;
  known: Known;
  spot: (place: Place, label: string, said: string | null) => Spot;
}

function Agent({ id, agent, stage, fields, known, spot }: AgentProps) {
  const directive = stage.agents.find((place) => place.agent === agent)?.directive ?? "";
  const spots = {
    directive: spot({ of: "directive", stage: stage.id, agent }, `Directive of ${agent} at ${stage.name}`, directive),
    role: spot({ of: "role", agent }, `Role of ${agent}, at every stage`, fields?.role ?? ""),
    instructions: spot({ of: "instructions", agent }, `Instructions of ${agent}, at every stage`, fields?.instructions ?? ""),
    model: spot({ of: "agent_model", agent }, `Model of ${agent}, at every stage`, fields?.model ?? ""),
    tools: spot({ of: "agent_tools", agent }, `Tools of ${agent}, at every stage`, toolsText(fields?.tools)),
  };
  const count = Object.values(spots).filter((one) => one.changed).length;
  return (
    <Folded
      id={id}
      begins={count > 0}
      title={
        <>
          Who {agent} is, and what {agent} is told
          {count > 0 && <span className="ml-1.5 rounded bg-accent-soft px-1.5 text-2xs font-medium text-accent">changed</span>}
        </>
      }
    >
      <div className="space-y-3 border-l-2 border-line pl-3">
        <TextField {...spots.directive} rows={2} placeholder={`Nothing in particular for ${agent} here.`} />
        <LineField {...spots.role} placeholder="None." />
        <TextField {...spots.instructions} rows={2} placeholder="None." />
        <ModelField {...spots.model} models={known.models} none={fields?.model ? null : "The model of the team"} />
        <ToolsField {...spots.tools} tools={known.tools} />
      </div>
    </Folded>
  );
}
