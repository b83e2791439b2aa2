// What has to be sent so that one value becomes another: a merge patch of RFC 7396.

type Fields = Record<string, unknown>;

/** What turns `before` into `after`; nothing where they are alike. Lists are replaced whole. */
export function patchOf(before: Fields, after: Fields): Fields | undefined {
  const patch: Fields = {};
  for (const [key, was] of Object.entries(before)) if (was !== undefined && after[key] === undefined) patch[key] = null;
  for (const [key, value] of Object.entries(after)) {
    if (value === undefined) continue;
    const was = before[key];
    if (isFields(was) && isFields(value)) {
      const within = patchOf(was, value);
      if (within) patch[key] = within;
    } else if (!same(was, value)) {
      patch[key] = value;
    }
  }
  return Object.keys(patch).length > 0 ? patch : undefined;
}

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether two values say the same. The order of fields is part of it: that of outcomes has a meaning. */
export function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** Fields without those that say nothing: an empty text or list stands for a field that is left out. */
export function filled<T extends Fields>(fields: T): T {
  const says = ([, value]: [string, unknown]) => value !== undefined && value !== "" && !(Array.isArray(value) && value.length === 0);
  return Object.fromEntries(Object.entries(fields).filter(says)) as T;
}
