// How numbers, times and values are written for a person to read.

const whole = new Intl.NumberFormat(undefined);
const compact = new Intl.NumberFormat(undefined, { notation: "compact", maximumFractionDigits: 1 });
const today = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const thisYear = new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" });
const anyYear = new Intl.DateTimeFormat(undefined, { year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" });
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" });

export function number(value: number): string {
  return whole.format(value);
}

/** A number that must not be wide: exact below ten thousand. */
export function shortNumber(value: number): string {
  return value < 10_000 ? whole.format(value) : compact.format(value);
}

/** Money. Single calls cost fractions of a cent, so small sums have as many places as say something. */
export function dollars(value: number): string {
  if (value === 0) return "$0.00";
  if (value < 0.0001) return "< $0.0001";
  return `$${value.toFixed(value < 0.1 ? 4 : 2)}`;
}

/** The size of a text. */
export function bytes(value: number): string {
  if (value < 1000) return value === 1 ? "1 byte" : `${value} bytes`;
  const thousands = (value / 1000).toFixed(1);
  return thousands.length < 6 ? `${thousands} kB` : `${(value / 1_000_000).toFixed(1)} MB`;
}

/** A length of time, in the units that matter at its size. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  const seconds = ms / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${pad(Math.floor(seconds) % 60)} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${pad(minutes % 60)} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** A length of time that is still going on: whole seconds, so that it ticks and does not flicker. */
export function ticking(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return seconds < 60 ? `${seconds} s` : duration(seconds * 1000);
}

function pad(value: number): string {
  return String(value).padStart(2, "0");
}

/** A moment in the viewer's zone, as short as it can be without being unclear. */
export function moment(at: string, now = new Date()): string {
  const time = new Date(at);
  if (time.toDateString() === now.toDateString()) return today.format(time);
  return (time.getFullYear() === now.getFullYear() ? thisYear : anyYear).format(time);
}

/** The time of day alone, where the day is plain from what is around it. */
export function clockTime(at: string): string {
  return today.format(new Date(at));
}

/** The same moment in full, with its zone. */
export function exactMoment(at: string): string {
  return exact.format(new Date(at));
}

/** A JSON value as text to read: text stays as it is. */
export function valueText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}

/** A value on one line, for lists. */
export function valueLine(value: unknown): string {
  const text = typeof value === "string" ? value : value === null ? "" : JSON.stringify(value);
  return (text ?? "").replace(/\s+/g, " ").trim();
}

/** "1 visit", "2 visits". */
export function count(value: number, noun: string): string {
  return `${number(value)} ${noun}${value === 1 ? "" : "s"}`;
}

/** "2nd": how often a stage was visited. */
export function ordinal(value: number): string {
  const tens = value % 100;
  const ending = tens > 10 && tens < 14 ? "th" : (["th", "st", "nd", "rd"][value % 10] ?? "th");
  return `${value}${ending}`;
}
