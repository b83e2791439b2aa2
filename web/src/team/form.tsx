// The form that makes or changes a team and its agents.

import { useQuery } from "@tanstack/react-query";

import type { Project, Team } from "../api/model.ts";
import { under, useCheck } from "../part/check.ts";
import { PartForm } from "../part/form.tsx";
import { changePart, createPart } from "../part/queries.ts";
import { modelsQuery, toolsQuery } from "../project/queries.ts";
import { Button } from "../ui/button.tsx";
import { Choose, TextInput } from "../ui/field.tsx";
import { Icon } from "../ui/icon.tsx";
import { useKept } from "../ui/kept.ts";
import { AgentFields } from "./agent-fields.tsx";
import { doubled, draftOf, fieldsOf, newAgent, newTeam, type AgentDraft, type TeamDraft } from "./draft.ts";
import { toolNames } from "./tools.ts";

interface TeamFormProps {
  project: Project;
  team: Team | undefined;
  taken: string[];
  onDone: () => void;
}

/** The form waits for the models: the first of them is a new team's. */
export function TeamForm(props: TeamFormProps) {
  const models = useQuery(modelsQuery(props.project.id)).data?.items.map((model) => model.name);
  return models ? <Fields {...props} models={models} /> : null;
}

function Fields({ project, team, taken, onDone, models }: TeamFormProps & { models: string[] }) {
  const begun = team ? draftOf(team) : newTeam(models, taken);
  const [draft, setDraft, forget] = useKept<TeamDraft>(`team.${project.id}.${team?.name ?? ""}`, begun);
  const tools = toolNames(useQuery(toolsQuery(project.id)).data?.items ?? []);
  const { name, model, agents } = draft;
  const fields = fieldsOf(draft);
  const check = useCheck(name === "" ? null : { project: project.name, teams: { [name]: fields } });
  const wrong = under(check.mistakes, `teams.${name}`);
  const twice = doubled(agents);
  const isTaken = !team && taken.includes(name);
  const set = (change: Partial<TeamDraft>) => setDraft({ ...draft, ...change });
  const setAgent = (at: number, agent: AgentDraft) => set({ agents: agents.map((one, index) => (index === at ? agent : one)) });
  const close = () => (forget(), onDone());
  const placed = (path: string) => path === "model" || path === "" || agents.some((agent) => agent.name !== "" && path.startsWith(`agents.${agent.name}`));
  const elsewhere = check.mistakes.filter((one) => !one.path.startsWith(`teams.${name}`));
  return (
    <PartForm
      save={team ? "Save" : "Make the team"}
      ready={name !== "" && !isTaken && twice.length === 0 && check.mistakes.length === 0 && agents.some((agent) => agent.name !== "")}
      others={[...elsewhere, ...wrong.filter((one) => !placed(one.path))]}
      onCancel={close}
      onSaved={close}
      onSave={() =>
        team ? changePart("teams", team.id, fieldsOf(draftOf(team)), fields) : createPart("teams", project.id, { name, ...fields })
      }
    >
      <div className="grid gap-3 sm:grid-cols-2">
        {!team && (
          <TextInput
            label="Name"
            mono
            value={name}
            onValue={(to) => set({ name: to })}
            wrong={isTaken ? [{ path: "", message: "There is a team of this name already." }] : wrong.filter((one) => one.path === "")}
          />
        )}
        <Choose
          label="Model"
          value={model}
          options={[["", "none: every agent has its own"], ...models]}
          onValue={(to) => set({ model: to })}
          wrong={under(wrong, "model")}
          about={models.length === 0 ? "The project has no model yet." : "Of the agents that name none."}
        />
      </div>
      {agents.map((agent, at) => (
        <AgentFields
          key={at}
          agent={agent}
          models={models}
          tools={tools}
          teamModel={model}
          isTaken={twice.includes(agent.name)}
          wrong={agent.name === "" ? [] : under(wrong, `agents.${agent.name}`)}
          onAgent={(to) => setAgent(at, to)}
          onRemove={() => set({ agents: agents.filter((_, index) => index !== at) })}
        />
      ))}
      <Button onClick={() => set({ agents: [...agents, newAgent()] })}>
        <Icon name="plus" />
        Add an agent
      </Button>
    </PartForm>
  );
}
