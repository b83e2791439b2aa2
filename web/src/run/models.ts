// Which models of a run's project are simulated. What they say is labelled wherever it is shown.

import { createContext, use } from "react";

const SimulatedOnes = createContext<ReadonlySet<string>>(new Set());

export const KnowsSimulated = SimulatedOnes;

/** Whether a model is simulated, or one of several is. */
export function useSimulated(): (models: string | Iterable<string>) => boolean {
  const simulated = use(SimulatedOnes);
  return (models) => (typeof models === "string" ? simulated.has(models) : [...models].some((model) => simulated.has(model)));
}
