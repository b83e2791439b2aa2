// The page on which a project is begun.

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { Loading } from "../ui/empty.tsx";
import { Page, Trail } from "../ui/frame.tsx";
import { useTitle } from "../ui/title.ts";
import { Begin } from "./begin.tsx";
import { projectsQuery } from "./queries.ts";

export function NewProjectPage() {
  const projects = useQuery(projectsQuery);
  useTitle("New project");
  return (
    <Page>
      <div className="mx-auto max-w-3xl">
        <Trail>
          <Link to="/">Projects</Link>
        </Trail>
        <h1 className="text-xl font-semibold tracking-tight">New project</h1>
        {projects.isPending ? <Loading rows={3} height="h-48" /> : <Begin taken={projects.data?.items.map((project) => project.name) ?? []} />}
      </div>
    </Page>
  );
}
