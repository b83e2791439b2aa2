// What people are asked, say and allow, as the timeline tells it.

import type { ReactNode } from "react";

import type { Event, EventOf, Limits } from "../api/model.ts";
import { AgentName } from "../ui/agent.tsx";
import { Clamped } from "../ui/folded.tsx";
import { Markdown } from "../ui/markdown.tsx";
import { Simulated } from "../ui/simulated.tsx";
import { Code, Line } from "./line.tsx";
import { limitWords, usedWords } from "./waiting.ts";

/** Characters of a text above which only its beginning is shown. */
const LONG = 900;

export type PeopleEvent =
  | EventOf<"question_asked">
  | EventOf<"question_answered">
  | EventOf<"approval_requested">
  | EventOf<"approval_decided">
  | EventOf<"user_message">
  | EventOf<"limit_reached">
  | EventOf<"limit_raised">;

const KINDS: readonly Event["kind"][] = [
  "question_asked",
  "question_answered",
  "approval_requested",
  "approval_decided",
  "user_message",
  "limit_reached",
  "limit_raised",
] satisfies PeopleEvent["kind"][];

export function isAboutPeople(event: Event): event is PeopleEvent & Event {
  return KINDS.includes(event.kind);
}

interface PeopleNoteProps {
  event: PeopleEvent & { seq: number; at: string };
  simulated: boolean;
}

export function PeopleNote({ event, simulated }: PeopleNoteProps) {
  const id = `event-${event.seq}`;
  switch (event.kind) {
    case "question_asked":
      return (
        <Line icon="ask" at={event.at}>
          {event.agent == null || event.call != null ? "It is asked whether a call is made again" : <><AgentName agent={event.agent} /> asks</>}{" "}
          {simulated && event.call == null && <Simulated />}
          <Said id={id} text={event.text} />
          {(event.choices ?? []).length > 0 && (
            <p className="mt-1 flex flex-wrap gap-1.5 text-xs">
              {(event.choices ?? []).map((choice) => (
                <span key={choice} className="rounded border border-line px-1.5 py-0.5">
                  {choice}
                </span>
              ))}
            </p>
          )}
        </Line>
      );
    case "question_answered":
      return (
        <Line icon="person" at={event.at} tone={event.by == null ? "warn" : "plain"}>
          {event.by == null ? "Nobody answered in time" : <><Person name={event.by} /> answered</>}
          <Said id={id} text={event.text} />
        </Line>
      );
    case "approval_requested":
      return (
        <Line icon="ask" at={event.at}>
          {event.when === "before" ? "Approval is asked for before the work begins" : "Approval of the result is asked for"}
        </Line>
      );
    case "approval_decided":
      return <Decided event={event} id={id} />;
    case "user_message":
      return (
        <Line icon="person" at={event.at}>
          <Person name={event.by} /> to the agents
          <Said id={id} text={event.text} />
        </Line>
      );
    case "limit_reached":
      return (
        <Line icon="limit" at={event.at} tone="warn">
          The limit of {limitWords(event.limit, event.max)} is reached, with {usedWords(event.limit, event.used)} used; the run{" "}
          {event.action === "wait" ? "waits" : "stops"}
        </Line>
      );
    case "limit_raised":
      return (
        <Line icon="limit" at={event.at}>
          <Person name={event.by} /> set the limits: {limitsLine(event.limits)}
        </Line>
      );
  }
}

function Decided({ event, id }: { event: EventOf<"approval_decided"> & { at: string }; id: string }) {
  const verb = event.approve ? "approved" : "rejected";
  return (
    <Line icon={event.approve ? "completed" : "close"} at={event.at} tone={event.approve ? "plain" : "warn"}>
      {event.by == null ? (
        <>Nobody decided in time: {verb} by the clock</>
      ) : (
        <>
          <Person name={event.by} /> <span className={event.approve ? "font-semibold text-good" : "font-semibold"}>{verb}</span>
        </>
      )}
      {event.comment != null && <Said id={id} text={event.comment} />}
    </Line>
  );
}

function Person({ name }: { name: string }): ReactNode {
  return <span className="font-semibold text-ink">{name}</span>;
}

function Said({ id, text }: { id: string; text: string }) {
  return (
    <Clamped id={id} long={text.length > LONG}>
      <Markdown text={text} className="mt-0.5 text-ink" />
    </Clamped>
  );
}

function limitsLine(limits: Limits): ReactNode {
  const set = (["cost_usd", "tokens", "wall_s", "model_calls"] as const).flatMap((limit) => {
    const max = limits[limit];
    return max == null ? [] : [limitWords(limit, max)];
  });
  return set.length === 0 ? "nothing changed" : <Code>{set.join(", ")}</Code>;
}
