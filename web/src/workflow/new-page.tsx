// The page on which a workflow is begun: its name, its team, what it asks, and its first stage. The rest is done in
// its picture.

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";

import type { Project, Team } from "../api/model.ts";
import { under, useCheck } from "../part/check.ts";
import { createPart, mistakesOf } from "../part/queries.ts";
import { ProjectHead } from "../project/head.tsx";
import { projectQuery, teamsQuery } from "../project/queries.ts";
import { Button } from "../ui/button.tsx";
import { Empty, Loading } from "../ui/empty.tsx";
import { Choose, TextArea, TextInput } from "../ui/field.tsx";
import { Page } from "../ui/frame.tsx";
import { useKept } from "../ui/kept.ts";
import { ProblemLine } from "../ui/problem.tsx";
import { idOf } from "./edit/draft.ts";
import { workflowsQuery } from "./queries.ts";

export function NewWorkflowPage({ id }: { id: number }) {
  const project = useQuery(projectQuery(id)).data;
  const teams = useQuery(teamsQuery(id)).data?.items;
  return (
    <Page>
      <ProjectHead id={id} page="New workflow" />
      <div className="max-w-3xl">
        {!project || !teams ? (
          <Loading rows={1} height="h-64" />
        ) : teams.length === 0 ? (
          <Empty title="A workflow needs a team">
            <Link to="/projects/$id/teams" params={{ id: String(id) }} search={{ edit: "new" }} className="text-accent hover:underline">
              Make a team first
            </Link>
          </Empty>
        ) : (
          <Form project={project} teams={teams} />
        )}
      </div>
    </Page>
  );
}

interface Draft {
  name: string;
  team: string;
  ask: string;
  stage: string;
  agent: string;
  task: string;
}

function Form({ project, teams }: { project: Project; teams: Team[] }) {
  const [first] = teams as [Team];
  const begun: Draft = { name: "", team: first.name, ask: "", stage: "Draft", agent: "", task: "" };
  const [draft, setDraft, forget] = useKept<Draft>(`new-workflow.${project.id}`, begun);
  const team = teams.find((one) => one.name === draft.team) ?? first;
  const agents = Object.keys(team.agents);
  const agent = agents.includes(draft.agent) ? draft.agent : (agents[0] ?? "");
  const fields = {
    team: team.name,
    ...(draft.ask.trim() === "" ? {} : { ask: draft.ask }),
    stages: [{ id: idOf(draft.stage, []), name: draft.stage, task: draft.task, agents: [agent] }],
  };
  const taken = useQuery(workflowsQuery(project.id)).data?.items.some((one) => one.name === draft.name) ?? false;
  const check = useCheck(draft.name === "" || draft.task === "" ? null : { project: project.name, workflows: { [draft.name]: fields } });
  const queries = useQueryClient();
  const navigate = useNavigate();
  const make = useMutation({
    mutationFn: () => createPart("workflows", project.id, { name: draft.name, ...fields }),
    onSuccess: async (made) => {
      forget();
      await queries.invalidateQueries();
      await navigate({ to: "/workflows/$id", params: { id: String(made.id) } });
    },
  });
  const wrong = under(check.mistakes, `workflows.${draft.name}`);
  const of = (field: string) => under(wrong, field);
  const set = (change: Partial<Draft>) => (setDraft({ ...draft, ...change }), make.reset());
  const ready = draft.name !== "" && draft.task !== "" && !taken && check.mistakes.length === 0;
  return (
    <form
      className="card space-y-4 p-4 sm:p-5"
      onSubmit={(event) => {
        event.preventDefault();
        if (ready && !make.isPending) make.mutate();
      }}
    >
      <h2 className="text-base font-semibold">New workflow</h2>
      <div className="grid gap-3 sm:grid-cols-2">
        <TextInput
          label="Name"
          mono
          value={draft.name}
          onValue={(name) => set({ name })}
          wrong={taken ? [{ path: "", message: "There is a workflow of this name already." }] : wrong.filter((one) => one.path === "")}
          placeholder="article"
          about="Letters, digits, - and _."
        />
        <Choose label="Team" value={team.name} options={teams.map((one) => one.name)} onValue={(to) => set({ team: to })} wrong={of("team")} />
      </div>
      <TextInput
        label="What it asks"
        value={draft.ask}
        onValue={(ask) => set({ ask })}
        wrong={of("ask")}
        placeholder="What should the article be about?"
        about="Whoever starts a run by hand is asked this. The answer is the input."
      />
      <fieldset className="rounded-md border border-line px-3 pt-1 pb-3 sm:px-4 sm:pb-4">
        <legend className="px-1 text-xs font-medium text-dim">Its first stage</legend>
        <div className="mb-3 grid gap-3 sm:grid-cols-2">
          <TextInput label="Name of the stage" value={draft.stage} onValue={(stage) => set({ stage })} wrong={of("stages[0].name").concat(of("stages[0].id"))} />
          <Choose label="Agent" value={agent} options={agents} onValue={(to) => set({ agent: to })} wrong={of("stages[0].agents")} />
        </div>
        <TextArea
          label="Task"
          rows={4}
          value={draft.task}
          onValue={(task) => set({ task })}
          wrong={of("stages[0].task")}
          placeholder="Write a short text about {{ input }}."
          about="What is to be done. {{ input }} is what the run was started with."
        />
      </fieldset>
      {make.error && mistakesOf(make.error).length === 0 && <ProblemLine error={make.error} />}
      <Button type="submit" weight="primary" disabled={!ready || make.isPending}>
        {make.isPending ? "Making it…" : "Make the workflow"}
      </Button>
    </form>
  );
}
