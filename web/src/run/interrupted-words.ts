// What is said of calls that were cut off. The words promise nothing that nobody can know.

import type { Interrupted } from "../api/model.ts";
import { count } from "../ui/format.ts";

const MAY: Record<Interrupted["may"], string> = {
  billed: "may have been billed",
  billed_twice: "may have been billed twice",
  taken_effect: "may have taken effect",
  taken_effect_twice: "may have taken effect twice",
};

/** In the order in which they matter to a person. */
const KINDS = ["taken_effect_twice", "taken_effect", "billed_twice", "billed"] as const;

/** All of them in one sentence: those that a crash cut off first. */
export function interruptedSummary(interrupted: Interrupted[]): string {
  const crashed = interrupted.filter((one) => one.cause === "crash");
  const others = interrupted.filter((one) => one.cause !== "crash");
  const parts = [];
  if (crashed.length > 0) parts.push(`After a crash: ${counted(crashed)}.`);
  if (others.length > 0) parts.push(`Cut off: ${counted(others)}.`);
  return parts.join(" ");
}

function counted(interrupted: Interrupted[]): string {
  return KINDS.map((may) => ({ may, of: interrupted.filter((one) => one.may === may).length }))
    .filter(({ of }) => of > 0)
    .map(({ may, of }) => `${count(of, may.startsWith("billed") ? "model call" : "tool call")} ${MAY[may]}`)
    .join(", ");
}

export function mayWords(may: Interrupted["may"]): string {
  return MAY[may];
}

export function causeWords(cause: Interrupted["cause"]): string {
  switch (cause) {
    case "crash":
      return "the server went down meanwhile";
    case "failure":
      return "no answer of use came";
    case "ending":
      return "it was cut off with the run";
  }
}

export function becameWords(became: Interrupted["became"]): string {
  switch (became) {
    case "made_again":
      return "and it was made again";
    case "reported":
      return "and its caller was told";
    case "asked":
      return "and a person is asked whether it is made again";
    case "given_up":
      return "and it was not made again";
    default:
      return "and what becomes of it is open";
  }
}
