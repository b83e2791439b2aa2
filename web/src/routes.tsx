// The addresses of the page, each with what is shown there.

import { createRootRoute, createRoute, createRouter, Link, notFound, useParams } from "@tanstack/react-router";
import type { ComponentType } from "react";

import { ProjectListPage } from "./project/list-page.tsx";
import { ProjectPage } from "./project/page.tsx";
import { ComparePage } from "./rerun/compare-page.tsx";
import { RerunPage } from "./rerun/page.tsx";
import { VariantsPage } from "./rerun/variants-page.tsx";
import { readSearch, RunListPage } from "./run/list-page.tsx";
import { readRunSearch, RunPage } from "./run/page.tsx";
import { readVisit } from "./run/visit-search.ts";
import { Empty } from "./ui/empty.tsx";
import { Frame, Page } from "./ui/frame.tsx";
import { ProblemCard } from "./ui/problem.tsx";
import { WorkflowPage } from "./workflow/page.tsx";

const root = createRootRoute({
  component: Frame,
  notFoundComponent: Nowhere,
  errorComponent: ({ error }) => (
    <Page>
      <ProblemCard error={error} />
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
  createRoute({ getParentRoute: () => root, path: "/workflows/$id", beforeLoad: checkId, component: byId(WorkflowPage) }),
  createRoute({ getParentRoute: () => root, path: "/runs/$id", beforeLoad: checkId, validateSearch: readRunSearch, component: OneRun }),
  createRoute({ getParentRoute: () => root, path: "/runs/$id/rerun", beforeLoad: checkId, validateSearch: readVisit, component: OneRerun }),
  createRoute({ getParentRoute: () => root, path: "/runs/$id/variants", beforeLoad: checkId, component: byId(VariantsPage) }),
  createRoute({ getParentRoute: () => root, path: "/runs/$a/compare/$b", beforeLoad: checkPair, component: Pair }),
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

/** A page that is about one thing. Another thing is another page, which begins anew. */
function byId(Of: ComponentType<{ id: number }>) {
  return function PageById() {
    const id = useId();
    return <Of key={id} id={id} />;
  };
}

function ProjectRuns() {
  const id = useId();
  return <RunListPage key={id} project={id} search={routes[2].useSearch()} />;
}

function AllRuns() {
  return <RunListPage search={routes[3].useSearch()} />;
}

function OneRun() {
  const id = useId();
  return <RunPage key={id} id={id} search={routes[5].useSearch()} />;
}

function OneRerun() {
  const id = useId();
  return <RerunPage key={id} id={id} search={routes[6].useSearch()} />;
}

function Pair() {
  const { a, b } = routes[8].useParams();
  return <ComparePage key={`${a}-${b}`} a={Number(a)} b={Number(b)} />;
}

function Nowhere() {
  return (
    <Page>
      <Empty title="There is no such page">
        <Link to="/" className="text-accent hover:underline">
          To the projects
        </Link>
      </Empty>
    </Page>
  );
}
