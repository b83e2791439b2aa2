// What a project still needs before anything can be run, in the order in which one needs it.

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { buttonLook } from "../ui/button.tsx";
import { Icon } from "../ui/icon.tsx";
import { workflowsQuery } from "../workflow/queries.ts";
import { modelsQuery, teamsQuery } from "./queries.ts";

export function Setup({ project }: { project: number }) {
  const models = useQuery(modelsQuery(project)).data?.items;
  const teams = useQuery(teamsQuery(project)).data?.items;
  const workflows = useQuery(workflowsQuery(project)).data?.items;
  if (!models || !teams || !workflows || workflows.length > 0) return null;
  const params = { id: String(project) };
  const search = { edit: "new" };
  const steps: { done: boolean; title: string; about: string; link: (look: string) => ReactNode }[] = [
    {
      done: models.length > 0,
      title: "A model",
      about: "Who speaks for the agents: a provider, with its key. A simulated one needs none.",
      link: (look) => (
        <Link to="/projects/$id/models" params={params} search={search} className={look}>
          Add a model
        </Link>
      ),
    },
    {
      done: teams.length > 0,
      title: "A team",
      about: "The agents, each with a role and instructions.",
      link: (look) => (
        <Link to="/projects/$id/teams" params={params} search={search} className={look}>
          Make a team
        </Link>
      ),
    },
    {
      done: false,
      title: "A workflow",
      about: "The stages that the team goes through. Then it can be run.",
      link: (look) => (
        <Link to="/projects/$id/new-workflow" params={params} className={look}>
          Make a workflow
        </Link>
      ),
    },
  ];
  const next = steps.findIndex((step) => !step.done);
  return (
    <section aria-labelledby="setup" className="card mb-6 p-4 sm:p-5">
      <h2 id="setup" className="text-base font-semibold">
        Set it up
      </h2>
      <ol className="mt-3 space-y-3">
        {steps.map(({ done, title, about, link }, index) => (
          <li key={title} className="flex flex-wrap items-center gap-x-3 gap-y-2">
            <span
              className={`grid size-7 shrink-0 place-items-center rounded-full border text-xs font-semibold ${done ? "border-transparent bg-good-soft text-good" : "border-line-strong text-dim"}`}
            >
              {done ? <Icon name="completed" /> : index + 1}
            </span>
            <div className="min-w-0 flex-1 basis-56">
              <p className="font-medium">
                {title} {done && <span className="text-xs font-normal text-good">is there</span>}
              </p>
              <p className="text-xs text-dim">{about}</p>
            </div>
            {!done && link(buttonLook(index === next ? "primary" : "plain"))}
          </li>
        ))}
      </ol>
    </section>
  );
}
