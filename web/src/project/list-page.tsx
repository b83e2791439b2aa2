// The first page: the projects, or how to begin where there is none.

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";

import type { Project } from "../api/model.ts";
import { NoRuns, RunList } from "../run/list.tsx";
import { Button } from "../ui/button.tsx";
import { CopyButton } from "../ui/copy.tsx";
import { Loading } from "../ui/empty.tsx";
import { Page } from "../ui/frame.tsx";
import { Icon } from "../ui/icon.tsx";
import { ProblemCard } from "../ui/problem.tsx";
import { Moment } from "../ui/time.tsx";
import { useTitle } from "../ui/title.ts";
import { ApplyForm } from "./apply.tsx";
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
  const [applying, setApplying] = useState(false);
  return (
    <div className="grid items-start gap-8 lg:grid-cols-[minmax(0,5fr)_minmax(0,7fr)]">
      <section aria-labelledby="projects">
        <div className="mb-3 flex items-center justify-between gap-3">
          <h1 id="projects" className="text-xl font-semibold tracking-tight">
            Projects
          </h1>
          <Button small aria-expanded={applying} onClick={() => setApplying(!applying)}>
            {applying ? "Close" : "Apply a project file"}
          </Button>
        </div>
        {applying && (
          <div className="card mb-4 p-4">
            <ApplyForm />
          </div>
        )}
        <ul className="space-y-2">
          {projects.map((project) => (
            <li key={project.id} className="card relative flex items-center gap-3 px-4 py-3 hover:border-line-strong">
              <div className="min-w-0 flex-1">
                <Link
                  to="/projects/$id"
                  params={{ id: String(project.id) }}
                  className="text-base font-medium before:absolute before:inset-0 before:content-['']"
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

const COMMAND = "callboard apply examples/newsroom.yaml";

function Welcome() {
  return (
    <div className="mx-auto max-w-3xl sm:pt-6">
      <h1 className="text-2xl font-semibold tracking-tight text-balance">Welcome to Callboard</h1>
      <p className="mt-2 max-w-xl text-base text-dim">
        Callboard carries out workflows with teams of AI agents, and shows every word as it is written. It begins with
        a project: a file that names the models, the team and the stages of a workflow.
      </p>
      <section className="card mt-6 p-4 sm:p-5" aria-labelledby="by-command">
        <h2 id="by-command" className="font-semibold">
          From the command line
        </h2>
        <p className="mt-1 text-dim">The example needs no key and no network: its model is simulated.</p>
        <div className="mt-3 flex items-center gap-2 rounded-md bg-well py-1.5 pr-1.5 pl-3">
          <code tabIndex={0} className="min-w-0 flex-1 overflow-x-auto font-mono text-xs whitespace-nowrap">{COMMAND}</code>
          <CopyButton text={COMMAND} what="the command" />
        </div>
      </section>
      <section className="card mt-4 p-4 sm:p-5" aria-labelledby="here">
        <h2 id="here" className="mb-3 font-semibold">
          Or right here
        </h2>
        <ApplyForm />
      </section>
    </div>
  );
}
