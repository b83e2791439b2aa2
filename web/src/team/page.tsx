// The teams of a project, with their agents.

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import type { AgentFields, Team } from "../api/model.ts";
import { PartPage } from "../part/page.tsx";
import type { EditSearch } from "../part/place.ts";
import { useRemove } from "../part/remove.tsx";
import { RenameForm, useRename } from "../part/rename-form.tsx";
import { teamsQuery } from "../project/queries.ts";
import { AgentName, Avatar } from "../ui/agent.tsx";
import { Button } from "../ui/button.tsx";
import { TeamForm } from "./form.tsx";

export function TeamsPage({ id, search: { edit } }: { id: number; search: EditSearch }) {
  const teams = useQuery(teamsQuery(id));
  return (
    <PartPage
      project={id}
      page="Teams"
      noun="team"
      none="A team is who works on a workflow: its agents, each with a role."
      edit={edit}
      parts={teams}
      line={(team, open) => <TeamLine team={team} onEdit={open} />}
      form={(project, team, close) => (
        <TeamForm project={project} team={team} taken={teams.data?.items.map((one) => one.name) ?? []} onDone={close} />
      )}
    />
  );
}

function TeamLine({ team, onEdit }: { team: Team; onEdit: () => void }) {
  const remove = useRemove({ kind: "teams", noun: "team", id: team.id, name: team.name });
  const rename = useRename({ project: team.project_id, id: team.id, noun: "team", part: { kind: "teams", name: team.name } });
  return (
    <>
      <div className="flex flex-wrap items-start gap-x-4 gap-y-2">
        <div className="min-w-0 flex-1 basis-60">
          <h2 className="font-mono text-base font-semibold wrap-anywhere">{team.name}</h2>
          <p className="text-xs text-dim">{team.model ? `Speaks through ${team.model}` : "Every agent has a model of its own"}</p>
        </div>
        <div className="flex gap-1.5">
          <Button small data-opens={team.name} onClick={onEdit} aria-label={`Change the team ${team.name}`}>
            Change
          </Button>
          {rename.button}
          {remove.button}
        </div>
      </div>
      <ul className="mt-3 grid gap-x-6 gap-y-2 sm:grid-cols-2" aria-label={`Agents of ${team.name}`}>
        {Object.entries(team.agents).map(([name, agent]) => (
          <AgentLine key={name} team={team} name={name} agent={agent} />
        ))}
      </ul>
      {rename.form}
      {remove.refusal}
    </>
  );
}

function AgentLine({ team, name, agent }: { team: Team; name: string; agent: AgentFields }) {
  const [renaming, setRenaming] = useState(false);
  return (
    <li className="min-w-0">
      <div className="flex items-start gap-2">
        <Avatar agent={name} small />
        <div className="min-w-0 flex-1 text-dim">
          <AgentName agent={name} />
          {agent.role && <>, {agent.role}</>}
          {agent.model && <> · {agent.model}</>}
          {(agent.tools ?? []).length > 0 && (
            <>
              {" "}
              · <code className="font-mono text-xs">{agent.tools?.join(", ")}</code>
            </>
          )}
          {agent.instructions && <p className="line-clamp-2 text-xs">{agent.instructions}</p>}
        </div>
        <Button small weight="quiet" aria-expanded={renaming} onClick={() => setRenaming(!renaming)} aria-label={`Rename the agent ${name}`}>
          Rename
        </Button>
      </div>
      {renaming && (
        <RenameForm project={team.project_id} id={team.id} noun="agent" part={{ kind: "agents", team: team.name, name }} onDone={() => setRenaming(false)} />
      )}
    </li>
  );
}
