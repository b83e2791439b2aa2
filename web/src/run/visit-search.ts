// Which visit of a run an address means, and whether it is to be left another way.

export interface VisitSearch {
  visit?: number;
  how?: "outcome";
}

export function readVisit(search: Record<string, unknown>): VisitSearch {
  const visit = Number(search.visit);
  const found: VisitSearch = Number.isInteger(visit) && visit > 0 ? { visit } : {};
  if (search.how === "outcome") found.how = "outcome";
  return found;
}
