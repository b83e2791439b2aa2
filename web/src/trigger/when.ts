// Moments as a schedule speaks of them: in its own zone, with the zone's distance from UTC on that day.

export function inZone(at: string, timezone: string): string {
  try {
    return new Intl.DateTimeFormat(undefined, {
      timeZone: timezone,
      weekday: "short",
      day: "numeric",
      month: "short",
      year: "numeric",
      hour: "2-digit",
      minute: "2-digit",
      hourCycle: "h23",
      timeZoneName: "shortOffset",
    }).format(new Date(at));
  } catch {
    // A zone that the server knows and the browser does not.
    return at;
  }
}
