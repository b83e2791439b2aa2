// Where one can go from anywhere, by typing a part of its name.

import { useQueries, useQuery } from "@tanstack/react-query";

import { projectsQuery } from "../project/queries.ts";
import { workflowsQuery } from "../workflow/queries.ts";

export interface PlaceToGo {
  name: string;
  /** What kind of place it is. */
  kind: string;
  to: string;
}

/** Projects whose workflows are looked for: of more, those by whose name nobody asks are left out. */
const PROJECTS_MAX = 50;

const FIXED: PlaceToGo[] = [
  { name: "Projects", kind: "Page", to: "/" },
  { name: "Runs", kind: "Page", to: "/runs" },
  { name: "New project", kind: "Page", to: "/new" },
];

/** Places of a project, with the end of their address. */
const WITHIN: [name: string, end: string][] = [
  ["Runs", "/runs"],
  ["Models", "/models"],
  ["Tools", "/tools"],
  ["Teams", "/teams"],
  ["Settings", "/settings"],
  ["File", "/file"],
];

export function usePlaces(): PlaceToGo[] {
  const projects = useQuery(projectsQuery).data?.items.slice(0, PROJECTS_MAX) ?? [];
  const workflows = useQueries({ queries: projects.map((project) => workflowsQuery(project.id)) });
  const of = projects.flatMap((project, index) => {
    const own = workflows[index]?.data?.items ?? [];
    const at = `/projects/${project.id}`;
    return [
      { name: project.name, kind: "Project", to: at },
      ...own.map((workflow) => ({ name: `${project.name} / ${workflow.name}`, kind: "Workflow", to: `/workflows/${workflow.id}` })),
      ...WITHIN.map(([name, end]) => ({ name: `${project.name} / ${name}`, kind: "Page", to: at + end })),
    ];
  });
  return [...FIXED, ...of];
}

/** The places that a text may mean, the likeliest first: every word of it is somewhere in the name. */
export function matching(places: PlaceToGo[], text: string): PlaceToGo[] {
  const words = text.toLowerCase().split(/[\s/]+/).filter(Boolean);
  const run = /^#?(\d{1,16})$/.exec(text.trim())?.[1];
  const found = places.filter((place) => words.every((word) => place.name.toLowerCase().includes(word)));
  const rank = (place: PlaceToGo) => {
    const last = place.name.toLowerCase().split(" / ").at(-1) ?? "";
    return words.length > 0 && last.startsWith(words.at(-1) ?? "") ? 0 : 1;
  };
  const sorted = found.toSorted((one, other) => rank(one) - rank(other));
  return run ? [{ name: `Run ${run}`, kind: "Run", to: `/runs/${run}` }, ...sorted] : sorted;
}
