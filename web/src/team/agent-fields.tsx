// The fields of one agent: its name, what it is, how it works, through which model, with which tools.

import type { Wrong } from "../api/model.ts";
import { under } from "../part/check.ts";
import { Avatar } from "../ui/agent.tsx";
import { Button } from "../ui/button.tsx";
import { Choose, TextArea, TextInput, Ticks } from "../ui/field.tsx";
import { Icon } from "../ui/icon.tsx";
import type { AgentDraft } from "./draft.ts";

interface AgentFieldsProps {
  agent: AgentDraft;
  models: string[];
  tools: string[];
  /** The model that it has where it names none. */
  teamModel: string;
  isTaken: boolean;
  wrong: Wrong[];
  onAgent: (agent: AgentDraft) => void;
  onRemove: () => void;
}

export function AgentFields({ agent, models, tools, teamModel, isTaken, wrong, onAgent, onRemove }: AgentFieldsProps) {
  const { fields } = agent;
  const set = (change: Partial<AgentDraft["fields"]>) => onAgent({ ...agent, fields: { ...fields, ...change } });
  const label = agent.name || "New agent";
  return (
    <fieldset className="min-w-0 rounded-md border border-line p-3 sm:p-4">
      <legend className="flex items-center gap-2 px-1">
        <Avatar agent={label} small />
        <span className="font-medium">{label}</span>
      </legend>
      <div className="space-y-3">
        <div className="grid gap-3 sm:grid-cols-2">
          {agent.isNew && (
            <TextInput
              label="Agent's name"
              mono
              value={agent.name}
              onValue={(name) => onAgent({ ...agent, name })}
              wrong={isTaken ? [{ path: "", message: "The team has an agent of this name already." }] : under(wrong, "").filter((one) => one.path === "")}
            />
          )}
          <TextInput label="Role" value={fields.role ?? ""} onValue={(role) => set({ role })} wrong={under(wrong, "role")} placeholder="Editor" about="What it is, in a few words. The others see it." />
        </div>
        <TextArea
          label="Instructions"
          value={fields.instructions ?? ""}
          onValue={(instructions) => set({ instructions })}
          wrong={under(wrong, "instructions")}
          placeholder="How it works, whatever the stage."
          rows={3}
        />
        <Choose
          label="Model"
          value={fields.model ?? ""}
          options={[["", teamModel ? `the team's: ${teamModel}` : "the team's"], ...models]}
          onValue={(model) => set({ model: model === "" ? undefined : model })}
          wrong={under(wrong, "model")}
        />
        <Ticks label="Tools at every stage" options={tools} picked={fields.tools ?? []} onValue={(picked) => set({ tools: picked })} wrong={under(wrong, "tools")} />
        <Button small weight="quiet" onClick={onRemove} aria-label={`Take out of the team: ${label}`}>
          <Icon name="trash" className="!size-3.5" />
          Take out of the team
        </Button>
      </div>
    </fieldset>
  );
}
