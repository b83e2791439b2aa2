// The first page: the projects, or how to begin where there is none.

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import type { Project } from "../api/model.ts";
import { NoRuns, RunList } from "../run/list.tsx";
import { buttonLook } from "../ui/button.tsx";
import { Loading } from "../ui/empty.tsx";
import { Page } from "../ui/frame.tsx";
import { Icon } from "../ui/icon.tsx";
import { ProblemCard } from "../ui/problem.tsx";
import { Moment } from "../ui/time.tsx";
import { useTitle } from "../ui/title.ts";
import { Begin } from "./begin.tsx";
import { projectsQuery } from "./queries.ts";

/** The latest runs that the first page shows: enough to see what goes on. */
const LATEST = 8;

export function ProjectListPage() {
  const projects = useQuery(projectsQuery);
  useTitle(projects.data?.items.length === 0 ? "Welcome" : "Projects");
  if (projects.isPending) {
    return (
      <Page>
        <Loading rows={3} height="h-16" />
      </Page>
    );
  }
  if (projects.isError) {
    return (
      <Page>
        <ProblemCard error={projects.error} onRetry={() => projects.refetch()} />
      </Page>
    );
  }
  return <Page>{projects.data.items.length === 0 ? <Welcome /> : <Projects projects={projects.data.items} />}</Page>;
}

function Projects({ projects }: { projects: Project[] }) {
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-8 lg:grid-cols-[minmax(0,5fr)_minmax(0,7fr)]">
      <section aria-labelledby="projects">
        <div className="mb-3 flex items-center justify-between gap-3">
          <h1 id="projects" className="text-xl font-semibold tracking-tight">
            Projects
          </h1>
          <Link to="/new" className={buttonLook("plain", true)}>
            <Icon name="plus" className="!size-3.5" />
            New project
          </Link>
        </div>
        <ul className="space-y-2">
          {projects.map((project) => (
            <li key={project.id} className="card relative flex items-center gap-3 px-4 py-3 hover:border-line-strong">
              <div className="min-w-0 flex-1">
                <Link
                  to="/projects/$id"
                  params={{ id: String(project.id) }}
                  className="text-base font-medium wrap-anywhere before:absolute before:inset-0 before:content-['']"
                >
                  {project.name}
                </Link>
                <p className="text-xs text-faint">
                  Since <Moment at={project.created_at} /> · {project.timezone}
                </p>
              </div>
              <Icon name="chevron" className="text-faint" />
            </li>
          ))}
        </ul>
      </section>
      <section aria-labelledby="latest">
        <div className="mb-3 flex h-7 items-center justify-between">
          <h2 id="latest" className="text-base font-semibold">
            Latest runs
          </h2>
          <Link to="/runs" className="text-accent hover:underline">
            All runs
          </Link>
        </div>
        <RunList filter={{}} limit={LATEST} empty={<NoRuns>Open a project and start one of its workflows.</NoRuns>} />
      </section>
    </div>
  );
}

function Welcome() {
  return (
    <div className="mx-auto max-w-3xl sm:pt-4">
      <h1 className="text-2xl font-semibold tracking-tight text-balance">Welcome to Callboard</h1>
      <p className="mt-2 max-w-xl text-base text-dim">
        Callboard carries out workflows with teams of AI agents, shows every word as it is written, and lets you go on
        from any stage of a run.
      </p>
      <Begin taken={[]} />
    </div>
  );
}
