// The head of every page of a project: its name, and its other pages.

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect, useRef, type ReactNode } from "react";

import { Trail } from "../ui/frame.tsx";
import { useTitle } from "../ui/title.ts";
import { projectQuery } from "./queries.ts";

const PLACES = [
  ["/projects/$id", "Overview"],
  ["/projects/$id/runs", "Runs"],
  ["/projects/$id/models", "Models"],
  ["/projects/$id/tools", "Tools"],
  ["/projects/$id/teams", "Teams"],
  ["/projects/$id/settings", "Settings"],
  ["/projects/$id/file", "File"],
] as const;

interface HeadProps {
  id: number;
  /** What the page is about, for the title of the document. */
  page?: string;
  children?: ReactNode;
}

export function ProjectHead({ id, page, children }: HeadProps) {
  const project = useQuery(projectQuery(id));
  const name = project.data?.name;
  const places = useRef<HTMLElement>(null);
  useEffect(() => {
    // Where there is no room for all of them, the one that is open is in view.
    places.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  }, []);
  useTitle(page, name ?? `Project ${id}`);
  return (
    <header className="mb-5">
      <Trail>
        <Link to="/">Projects</Link>
      </Trail>
      <div className="flex flex-wrap items-center justify-between gap-3">
        <h1 className="text-xl font-semibold tracking-tight wrap-anywhere">
          {name ?? <span className="skeleton inline-block h-6 w-40 align-middle" />}
          {page && <span className="sr-only">: {page}</span>}
        </h1>
        {children}
      </div>
      <nav ref={places} aria-label="Project" className="mt-3 -mb-px flex gap-1 overflow-x-auto border-b border-line">
        {PLACES.map(([to, words]) => (
          <Link
            key={to}
            to={to}
            params={{ id: String(id) }}
            activeOptions={{ exact: true, includeSearch: false }}
            className="-mb-px border-b-2 border-transparent px-2.5 py-2 whitespace-nowrap text-dim hover:text-ink focus-visible:outline-offset-[-2px]"
            activeProps={{ className: "!border-accent font-medium !text-ink" }}
          >
            {words}
          </Link>
        ))}
      </nav>
    </header>
  );
}
