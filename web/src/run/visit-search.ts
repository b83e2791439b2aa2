// Which visit of a run an address means.

export interface VisitSearch {
  visit?: number;
}

export function readVisit(search: Record<string, unknown>): VisitSearch {
  const visit = Number(search.visit);
  return Number.isInteger(visit) && visit > 0 ? { visit } : {};
}
