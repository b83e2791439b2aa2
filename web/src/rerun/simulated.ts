// Whether runs of a project can only have been answered by simulated models: then what they gave is
// labelled, where nothing says which model gave it.

import { useQuery } from "@tanstack/react-query";

import { modelsQuery } from "../project/queries.ts";

export function useOnlySimulated(project: number | undefined): boolean {
  const models = useQuery({ ...modelsQuery(project ?? 0), enabled: project !== undefined }).data?.items ?? [];
  return models.length > 0 && models.every(({ provider }) => provider === "simulated");
}
