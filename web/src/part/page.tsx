// A page of parts of one kind: their list, and the form that makes one or changes one in its place.

import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";

import type { Project } from "../api/model.ts";
import { ProjectHead } from "../project/head.tsx";
import { projectQuery } from "../project/queries.ts";
import { Button } from "../ui/button.tsx";
import { Empty, Loading } from "../ui/empty.tsx";
import { useFocusAlong } from "../ui/focus.ts";
import { Page } from "../ui/frame.tsx";
import { Icon } from "../ui/icon.tsx";
import { ProblemCard } from "../ui/problem.tsx";
import { NEW } from "./place.ts";

interface PartPageProps<P> {
  project: number;
  page: "Models" | "Tools" | "Teams";
  noun: string;
  /** What stands there while there is none. */
  none: string;
  /** Which one is open: a name, or `new`. */
  edit: string | undefined;
  parts: UseQueryResult<{ items: P[] }>;
  line: (part: P, open: () => void) => ReactNode;
  form: (project: Project, part: P | undefined, close: () => void) => ReactNode;
}

const PATHS = { Models: "/projects/$id/models", Tools: "/projects/$id/tools", Teams: "/projects/$id/teams" } as const;

export function PartPage<P extends { id: number; name: string }>(props: PartPageProps<P>) {
  const { project: id, page, noun, none, edit, parts, line, form } = props;
  const project = useQuery(projectQuery(id)).data;
  const navigate = useNavigate();
  const open = (name?: string) =>
    void navigate({ to: PATHS[page], params: { id: String(id) }, search: name ? { edit: name } : {}, replace: true });
  const items = parts.data?.items ?? [];
  const isNew = edit === NEW;
  const around = useFocusAlong(edit);
  return (
    <Page>
      <div ref={around}>
        <ProjectHead id={id} page={page}>
          {!isNew && (
            <Button weight="primary" data-opens={NEW} onClick={() => open(NEW)}>
              <Icon name="plus" />
              Add a {noun}
            </Button>
          )}
        </ProjectHead>
        {isNew && project && parts.data && (
          <section className="card mb-4 max-w-4xl p-4 sm:p-5" aria-labelledby="new-part" data-opened>
            <h2 id="new-part" className="mb-3 text-base font-semibold">
              New {noun}
            </h2>
            {form(project, undefined, () => open())}
          </section>
        )}
        {parts.isPending ? (
          <Loading rows={2} height="h-20" />
        ) : parts.isError ? (
          <ProblemCard error={parts.error} onRetry={() => parts.refetch()} />
        ) : items.length === 0 ? (
          !isNew && <Empty title={`No ${page.toLowerCase()} yet`}>{none}</Empty>
        ) : (
          <ul className="space-y-2" aria-label={page}>
            {items.map((part) => (
              <li key={part.id} className={`card p-4 ${edit === part.name ? "max-w-4xl" : ""}`} data-opened={edit === part.name || undefined}>
                {edit === part.name && project ? (
                  <>
                    <h2 className="mb-3 font-mono text-base font-semibold wrap-anywhere">{part.name}</h2>
                    {form(project, part, () => open())}
                  </>
                ) : (
                  line(part, () => open(part.name))
                )}
              </li>
            ))}
          </ul>
        )}
      </div>
    </Page>
  );
}
