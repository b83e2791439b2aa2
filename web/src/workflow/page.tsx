// The page of a workflow: its picture, which is its editor, and beside it what the picture has no room for: the
// form that starts a run, the fields of a stage, what belongs to the whole, and the file.

import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { Tabs } from "radix-ui";
import { useRef } from "react";

import type { ProjectFile, Workflow } from "../api/model.ts";
import { documentQuery, projectQuery } from "../project/queries.ts";
import { TriggerPanel } from "../trigger/panel.tsx";
import { Loading } from "../ui/empty.tsx";
import { count } from "../ui/format.ts";
import { Page, Trail } from "../ui/frame.tsx";
import { ProblemPage } from "../ui/problem.tsx";
import { Simulated } from "../ui/simulated.tsx";
import { useTitle } from "../ui/title.ts";
import { EditorProvider, useNewEditor, type Editor } from "./edit/editor.ts";
import { FilePanel } from "./file-panel.tsx";
import { PANELS, type WorkflowSearch } from "./place.ts";
import { workflowQuery } from "./queries.ts";
import { RunPanel } from "./run-panel.tsx";
import { SaveBar } from "./save-bar.tsx";
import { SettingsPanel } from "./settings-panel.tsx";
import { Spine } from "./spine.tsx";
import { StagePanel } from "./stage/panel.tsx";

export function WorkflowPage({ id, search }: { id: number; search: WorkflowSearch }) {
  const workflow = useQuery(workflowQuery(id));
  const projectId = workflow.data?.project_id ?? 0;
  const server = useQuery({ ...documentQuery(projectId), enabled: workflow.isSuccess });
  useTitle(workflow.data?.name ?? `Workflow ${id}`, server.data?.project);
  const failed = workflow.error ?? server.error;
  if (failed) {
    return (
      <Page>
        <ProblemPage error={failed} />
      </Page>
    );
  }
  // After it was renamed, one of the two is known before the other.
  if (!workflow.data || !server.data?.workflows?.[workflow.data.name]) {
    return (
      <Page>
        <Loading rows={3} height="h-32" />
      </Page>
    );
  }
  return <Loaded workflow={workflow.data} server={server.data} search={search} />;
}

interface LoadedProps {
  workflow: Workflow;
  server: ProjectFile;
  search: WorkflowSearch;
}

function Loaded({ workflow, server, search }: LoadedProps) {
  const editor = useNewEditor({ id: workflow.id, projectId: workflow.project_id, name: workflow.name, server });
  return (
    <EditorProvider value={editor}>
      <Page>
        <Head workflow={workflow} editor={editor} />
        <Halves workflow={workflow} server={server} search={search} />
      </Page>
    </EditorProvider>
  );
}

function Head({ workflow, editor }: { workflow: Workflow; editor: Editor }) {
  const project = useQuery(projectQuery(workflow.project_id)).data;
  const team = editor.project.teams?.[editor.workflow.team];
  const used = new Set([team?.model, ...Object.values(team?.agents ?? {}).map((agent) => agent.model)]);
  const simulated = [...used].some((name) => name && editor.project.models?.[name]?.provider === "simulated");
  return (
    <header className="mb-3">
      <Trail>
        <Link to="/">Projects</Link> /
        <Link to="/projects/$id" params={{ id: String(workflow.project_id) }}>
          {project?.name ?? editor.project.project}
        </Link>
      </Trail>
      <h1 className="flex items-center gap-2.5 text-xl font-semibold tracking-tight wrap-anywhere">
        {workflow.name}
        {simulated && <Simulated />}
      </h1>
      <p className="text-xs text-faint">
        {count(editor.workflow.stages.length, "stage")} for the team{" "}
        <Link
          to="/projects/$id/teams"
          params={{ id: String(workflow.project_id) }}
          search={{ edit: editor.workflow.team }}
          className="rounded underline decoration-line-strong underline-offset-2 hover:text-ink"
        >
          {editor.workflow.team}
        </Link>
      </p>
    </header>
  );
}

function Halves({ workflow, server, search }: LoadedProps) {
  const panel = search.panel ?? "run";
  const navigate = useNavigate();
  const beside = useRef<HTMLDivElement>(null);
  const go = (to: WorkflowSearch) =>
    void navigate({ to: "/workflows/$id", params: { id: String(workflow.id) }, search: to, replace: true, resetScroll: false });
  const openStage = (stage: string) => {
    go({ panel: "stage", stage });
    // Where there is one column only, the fields are above the picture.
    const element = beside.current;
    if (element && element.getBoundingClientRect().bottom < 0) element.scrollIntoView({ block: "start" });
  };
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-x-8 gap-y-6 lg:grid-cols-[minmax(0,1fr)_minmax(0,1fr)] xl:grid-cols-[minmax(0,6fr)_minmax(0,7fr)]">
      <section aria-labelledby="stages" className="order-2 lg:order-none">
        <SaveBar />
        <Spine open={panel === "stage" ? search.stage : undefined} onOpen={openStage} />
      </section>
      <div ref={beside} className="order-1 scroll-mt-2 lg:sticky lg:top-3 lg:order-none lg:max-h-[calc(100dvh-4.5rem)] lg:overflow-y-auto">
        <Tabs.Root value={panel} onValueChange={(to) => go({ ...search, panel: to as WorkflowSearch["panel"] })}>
          <Tabs.List aria-label="Beside the picture" className="flex gap-1 overflow-x-auto border-b border-line">
            {PANELS.map(([value, words]) => (
              <Tabs.Trigger
                key={value}
                value={value}
                className="-mb-px border-b-2 border-transparent px-2.5 py-2 whitespace-nowrap text-dim hover:text-ink focus-visible:outline-offset-[-2px] data-[state=active]:border-accent data-[state=active]:font-medium data-[state=active]:text-ink"
              >
                {words}
              </Tabs.Trigger>
            ))}
          </Tabs.List>
          <Tabs.Content value={panel} tabIndex={-1} className="px-0.5 pt-4 pb-2 outline-none">
            {panel === "run" && <RunPanel workflow={workflow} />}
            {panel === "stage" && <StagePanel id={search.stage} />}
            {panel === "triggers" && <TriggerPanel workflow={workflow} projectId={workflow.project_id} />}
            {panel === "settings" && <SettingsPanel id={workflow.id} projectId={workflow.project_id} />}
            {panel === "file" && <FilePanel server={server} />}
          </Tabs.Content>
        </Tabs.Root>
      </div>
    </div>
  );
}
