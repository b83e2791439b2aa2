// The addresses of the page, each with what is shown there.

import { createRootRoute, createRoute, createRouter, Link, notFound, useParams, useSearch } from "@tanstack/react-router";
import { useMemo, type ComponentType } from "react";

import { Frame } from "./frame/frame.tsx";
import { ModelsPage } from "./model/page.tsx";
import { readEdit, type EditSearch } from "./part/place.ts";
import { FilePage } from "./project/file-page.tsx";
import { ProjectListPage } from "./project/list-page.tsx";
import { NewProjectPage } from "./project/new-page.tsx";
import { ProjectPage } from "./project/page.tsx";
import { SettingsPage } from "./project/settings-page.tsx";
import { ComparePage } from "./rerun/compare-page.tsx";
import { RerunPage } from "./rerun/page.tsx";
import { VariantsPage } from "./rerun/variants-page.tsx";
import { readSearch, RunListPage } from "./run/list-page.tsx";
import { readRunSearch, RunPage } from "./run/page.tsx";
import { readVisit } from "./run/visit-search.ts";
import { TeamsPage } from "./team/page.tsx";
import { ToolsPage } from "./tool/page.tsx";
import { Page } from "./ui/frame.tsx";
import { ProblemPage } from "./ui/problem.tsx";
import { NewWorkflowPage } from "./workflow/new-page.tsx";
import { WorkflowPage } from "./workflow/page.tsx";
import { readWorkflow } from "./workflow/place.ts";

const root = createRootRoute({
  component: Frame,
  notFoundComponent: Nowhere,
  errorComponent: ({ error }) => (
    <Page>
      <ProblemPage error={error} />
    </Page>
  ),
});

const routes = [
  createRoute({ getParentRoute: () => root, path: "/", component: ProjectListPage }),
  createRoute({ getParentRoute: () => root, path: "/projects/$id", beforeLoad: checkId, component: byId(ProjectPage) }),
  createRoute({
    getParentRoute: () => root,
    path: "/projects/$id/runs",
    beforeLoad: checkId,
    validateSearch: readSearch,
    component: ProjectRuns,
  }),
  createRoute({ getParentRoute: () => root, path: "/runs", validateSearch: readSearch, component: AllRuns }),
  createRoute({ getParentRoute: () => root, path: "/workflows/$id", beforeLoad: checkId, validateSearch: readWorkflow, component: OneWorkflow }),
  createRoute({ getParentRoute: () => root, path: "/runs/$id", beforeLoad: checkId, validateSearch: readRunSearch, component: OneRun }),
  createRoute({ getParentRoute: () => root, path: "/runs/$id/rerun", beforeLoad: checkId, validateSearch: readVisit, component: OneRerun }),
  createRoute({ getParentRoute: () => root, path: "/runs/$id/variants", beforeLoad: checkId, component: byId(VariantsPage) }),
  createRoute({ getParentRoute: () => root, path: "/runs/$a/compare/$b", beforeLoad: checkPair, component: Pair }),
  createRoute({ getParentRoute: () => root, path: "/new", component: NewProjectPage }),
  createRoute({ getParentRoute: () => root, path: "/projects/$id/models", beforeLoad: checkId, validateSearch: readEdit, component: withEdit(ModelsPage) }),
  createRoute({ getParentRoute: () => root, path: "/projects/$id/tools", beforeLoad: checkId, validateSearch: readEdit, component: withEdit(ToolsPage) }),
  createRoute({ getParentRoute: () => root, path: "/projects/$id/teams", beforeLoad: checkId, validateSearch: readEdit, component: withEdit(TeamsPage) }),
  createRoute({ getParentRoute: () => root, path: "/projects/$id/settings", beforeLoad: checkId, component: byId(SettingsPage) }),
  createRoute({ getParentRoute: () => root, path: "/projects/$id/file", beforeLoad: checkId, component: byId(FilePage) }),
  createRoute({ getParentRoute: () => root, path: "/projects/$id/new-workflow", beforeLoad: checkId, component: byId(NewWorkflowPage) }),
] as const;

export const router = createRouter({ routeTree: root.addChildren(routes), scrollRestoration: true });

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}

/** Ids are whole numbers; an address with anything else leads nowhere. */
function checkId({ params }: { params: { id: string } }) {
  if (!isId(params.id)) throw notFound();
}

function checkPair({ params }: { params: { a: string; b: string } }) {
  if (!isId(params.a) || !isId(params.b)) throw notFound();
}

function isId(text: string): boolean {
  return /^[1-9]\d{0,15}$/.test(text);
}

function useId(): number {
  return Number(useParams({ strict: false }).id);
}

/** What an address says besides. The router keeps all of it, also what the page does not know. */
function useRead<S>(read: (search: Record<string, unknown>) => S): S {
  const search = useSearch({ strict: false });
  return useMemo(() => read(search), [read, search]);
}

/** A page that is about one thing. Another thing is another page, which begins anew. */
function byId(Of: ComponentType<{ id: number }>) {
  return function PageById() {
    const id = useId();
    return <Of key={id} id={id} />;
  };
}

/** The same for a page on which one part may be open. */
function withEdit(Of: ComponentType<{ id: number; search: EditSearch }>) {
  return function PageWithEdit() {
    const id = useId();
    return <Of key={id} id={id} search={useRead(readEdit)} />;
  };
}

function OneWorkflow() {
  const id = useId();
  return <WorkflowPage key={id} id={id} search={useRead(readWorkflow)} />;
}

function ProjectRuns() {
  const id = useId();
  return <RunListPage key={id} project={id} search={useRead(readSearch)} />;
}

function AllRuns() {
  return <RunListPage search={useRead(readSearch)} />;
}

function OneRun() {
  const id = useId();
  return <RunPage key={id} id={id} search={useRead(readRunSearch)} />;
}

function OneRerun() {
  const id = useId();
  return <RerunPage key={id} id={id} search={useRead(readVisit)} />;
}

function Pair() {
  const { a, b } = routes[8].useParams();
  return <ComparePage key={`${a}-${b}`} a={Number(a)} b={Number(b)} />;
}

function Nowhere() {
  return (
    <Page>
      <div className="mx-auto max-w-3xl space-y-2">
        <h1 className="text-xl font-semibold tracking-tight">There is no such page</h1>
        <p className="text-dim">
          The address leads nowhere.{" "}
          <Link to="/" className="rounded text-accent underline underline-offset-2">
            To the projects
          </Link>
        </p>
      </div>
    </Page>
  );
}
