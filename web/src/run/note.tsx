// Everything in the timeline that is not speech: one line for each event, with what belongs to it
// folded away. A kind that this page does not know is shown as it stands on record.

import type { ReactNode } from "react";

import type { Event, EventOf, InFlight } from "../api/model.ts";
import { AgentName } from "../ui/agent.tsx";
import { Clamped, Folded, ValueBlock } from "../ui/folded.tsx";
import { bytes, count, dollars, duration, number, shortNumber, valueText } from "../ui/format.ts";
import { Markdown } from "../ui/markdown.tsx";
import { Simulated } from "../ui/simulated.tsx";
import { ErrorPanel } from "./error-panel.tsx";
import { Code, Line } from "./line.tsx";
import { useSimulated } from "./models.ts";
import { InheritedNote } from "./note-inherited.tsx";
import { isAboutPeople, PeopleNote } from "./note-people.tsx";
import { SourceWords } from "./source.tsx";

/** Characters of a result above which only its beginning is shown. */
const LONG = 900;

interface NoteProps {
  event: Event;
  /** Whether what it says comes from a simulated model. */
  simulated: boolean;
  /** The name of a stage of this run. */
  stageName: (id: string) => string;
}

export function Note({ event, simulated, stageName }: NoteProps) {
  const id = `event-${event.seq}`;
  const label = simulated && <Simulated />;
  if (isAboutPeople(event)) return <PeopleNote event={event} simulated={simulated} />;
  switch (event.kind) {
    case "run_created":
      return (
        <Line icon="info" at={event.at}>
          Run created. <SourceWords source={event.source} />
          {event.input !== "" && (
            <Folded id={id} title="Input">
              <ValueBlock text={valueText(event.input)} />
            </Folded>
          )}
        </Line>
      );
    case "run_inherited":
      return <InheritedNote event={event} stageName={stageName} />;
    case "turn_started":
      return (
        <Line icon="info" at={event.at}>
          <AgentName agent={event.agent} /> is asked for {asked(event)}
        </Line>
      );
    case "turn_ended":
      return (
        <Line icon="skip" at={event.at}>
          <AgentName agent={event.agent} /> has nothing to add
        </Line>
      );
    case "message_sent":
      return (
        <Line icon="message" at={event.at}>
          <AgentName agent={event.agent} /> to {event.to === "team" ? "the team" : <AgentName agent={event.to} />} {label}
          <Clamped id={id} long={event.text.length > LONG}>
            <Markdown text={event.text} className="mt-0.5 text-ink" />
          </Clamped>
        </Line>
      );
    case "result_shared":
      return (
        <Line icon="key" at={event.at}>
          <Folded id={id} title={<><AgentName agent={event.agent} /> shared <Code>{event.key}</Code></>}>
            <ValueBlock text={valueText(event.value)} />
            {simulated && <div className="mt-1">{label}</div>}
          </Folded>
        </Line>
      );
    case "memory_read":
      return (
        <Line icon="book" at={event.at}>
          <Folded id={id} title={<><AgentName agent={event.agent} /> read <Code>{event.key}</Code></>}>
            <ValueBlock text={event.text} />
          </Folded>
        </Line>
      );
    case "tool_call_refused":
      return (
        <Line icon="tool" at={event.at} tone="warn">
          The call of <Code>{event.tool}</Code> by <AgentName agent={event.agent} /> was refused: {event.message}{" "}
          <Code>{event.code}</Code>
        </Line>
      );
    case "document_written":
      return (
        <Line icon="document" at={event.at}>
          {event.agent == null ? "A hook" : <AgentName agent={event.agent} />} wrote the document <Code>{event.path}</Code>,{" "}
          {bytes(event.bytes)}
        </Line>
      );
    case "hook_finished":
      return (
        <Line icon="hook" at={event.at} tone={event.code == null ? "plain" : "warn"}>
          {event.hook.when === "exit" ? "Exit" : "Entry"} hook <Code>{event.tool}</Code>
          {event.code != null && (
            <>
              {" "}
              failed: {event.message} <Code>{event.code}</Code>
            </>
          )}
        </Line>
      );
    case "context_compacted":
      return (
        <Line icon="fold" at={event.at}>
          <Folded
            id={id}
            title={
              <>
                {shortNumber(event.tokens_before)} → {shortNumber(event.tokens_after)} tokens:{" "}
                {count(event.messages, "message")} to <AgentName agent={event.agent} /> became a summary
              </>
            }
          >
            <p className="mb-1.5">The conversation had grown too long for the model. Its older part is now this:</p>
            <Markdown text={event.summary} className="text-ink" />
            {simulated && <div className="mt-1">{label}</div>}
          </Folded>
        </Line>
      );
    case "turn_capped":
      return (
        <Line icon="info" at={event.at} tone="warn">
          The turn of <AgentName agent={event.agent} /> ends at its cap of {count(event.model_calls, "model call")}; it
          counts as a pass
        </Line>
      );
    case "agent_completed":
      return <Completed event={event} id={id} label={label} />;
    case "outcome_chosen":
      return (
        <Line icon="out" at={event.at}>
          <AgentName agent={event.agent} /> chose the outcome{" "}
          <strong className="rounded bg-accent-soft px-1.5 font-semibold text-accent">{event.outcome}</strong>
        </Line>
      );
    case "summary_written":
      return (
        <Line icon="book" at={event.at}>
          <Folded id={id} title={<><AgentName agent={event.agent} /> wrote a summary for later stages</>}>
            <Markdown text={event.text} className="text-ink" />
            {simulated && <div className="mt-1">{label}</div>}
          </Folded>
        </Line>
      );
    case "stage_completed":
      return (
        <Line icon="completed" at={event.at}>
          <span className="text-good">{stageName(event.stage)} completed</span> in {duration(event.duration_ms)},{" "}
          {number(event.usage.input_tokens + event.usage.output_tokens)} tokens
        </Line>
      );
    case "stage_rejected":
      return (
        <Line icon="close" at={event.at} tone="warn">
          {stageName(event.stage)} was left, since {event.result == null ? "its work" : "its result"} was rejected
        </Line>
      );
    case "stage_failed":
      return (
        <Line icon="error" at={event.at} tone="bad">
          {stageName(event.stage)} ended in error: {event.error.message} <Code>{event.error.code}</Code>
        </Line>
      );
    case "loop_guard_tripped":
      return (
        <Line icon="retry" at={event.at} tone="warn">
          The loop guard of {stageName(event.stage)} tripped after {count(event.visits, "visit")} (
          {event.guard.replaceAll("_", " ")}); the run {event.forced ? "is forced on" : "ends in error"}
        </Line>
      );
    case "run_recovered":
      return <Recovered event={event} />;
    case "stop_requested":
      return (
        <Line icon="stopped" at={event.at} tone="warn">
          {event.by} asked the run to stop{event.reason && <>: {event.reason}</>}
        </Line>
      );
    case "run_completed":
      return (
        <Line icon="completed" at={event.at}>
          <span className="font-semibold text-good">Run completed</span> after {duration(event.duration_ms)}
        </Line>
      );
    case "run_stopped":
      return (
        <Line icon="stopped" at={event.at}>
          <span className="font-semibold">Run stopped</span> by {event.by}
          {event.reason && <>: {event.reason.replace(/\.$/, "")}</>}. It took {duration(event.took_ms)}
          {event.aborted.length === 0 ? "." : <>, and cut off {count(event.aborted.length, "call")}.</>}
          <InFlightList cut={event.aborted} />
        </Line>
      );
    case "run_failed":
      return (
        <div className="py-2">
          <ErrorPanel error={event.error} stageName={event.error.stage ? stageName(event.error.stage) : null} />
        </div>
      );
    default:
      return <Unknown event={event} />;
  }
}

function asked(event: EventOf<"turn_started">): ReactNode {
  switch (event.asks?.for) {
    case "shares":
      return (
        <>
          what it still has to share: <Code>{event.asks.keys.join(", ")}</Code>
        </>
      );
    case "outcome":
      return "the outcome of the stage";
    case "summary":
      return "a summary for later stages";
    case "result":
      return "the result of the stage";
    case "mend":
      return (
        <>
          a result that fits the stage's schema
          <ul className="list-disc pl-5 text-xs">
            {event.asks.mistakes.map((mistake) => (
              <li key={mistake}>{mistake}</li>
            ))}
          </ul>
        </>
      );
    default:
      return "something more";
  }
}

interface CompletedProps {
  event: EventOf<"agent_completed">;
  id: string;
  label: ReactNode;
}

function Completed({ event, id, label }: CompletedProps) {
  // A plain answer is the result itself and stands just above.
  if (event.tool_call == null) {
    return (
      <Line icon="completed" at={event.at}>
        <AgentName agent={event.agent} /> completed, with this answer as the result
      </Line>
    );
  }
  return (
    <Line icon="completed" at={event.at}>
      <AgentName agent={event.agent} /> completed {label}
      {event.result !== "" && (
        <div className="card mt-1.5 px-3.5 py-2.5 text-ink">
          <Clamped id={id} long={event.result.length > LONG}>
            <Markdown text={event.result} />
          </Clamped>
        </div>
      )}
    </Line>
  );
}

function Recovered({ event }: { event: EventOf<"run_recovered"> & { at: string } }) {
  return (
    <Line icon="plug" at={event.at} tone="warn">
      The server came back after a crash and the run goes on.
      {event.in_flight.length > 0 && " It is not known how far these had come:"}
      <InFlightList cut={event.in_flight} />
    </Line>
  );
}

/** What was cut off, and what that may mean. */
function InFlightList({ cut }: { cut: InFlight[] }) {
  const isSimulated = useSimulated();
  if (cut.length === 0) return null;
  return (
    <ul className="list-disc pl-5 text-xs">
      {cut.map((one) => (
        <li key={`${one.call}-${one.attempt}`}>
          {inFlightWords(one)}
          {one.agent != null && (
            <>
              {" "}
              of <AgentName agent={one.agent} />
            </>
          )}
          {one.model != null && isSimulated(one.model) ? "" : meaning(one)}
          {one.reserved_usd != null && <>, and {dollars(one.reserved_usd)} count as spent</>}
          {one.may_cost_usd != null && <>, for about {dollars(one.may_cost_usd)} at most</>}
        </li>
      ))}
    </ul>
  );
}

/** What it may mean that it was cut off. Lists of tools and other runs leave nothing open. */
function meaning(one: InFlight): string {
  if (one.unsent) return "; it had not gone out yet";
  switch (one.what) {
    case "model_call":
      return "; it may have been billed";
    case "tool_call":
      return "; it may have taken effect";
    default:
      return "";
  }
}

function inFlightWords(one: InFlight): ReactNode {
  switch (one.what) {
    case "model_call":
      return <>a call to the model {one.model}</>;
    case "tool_call":
      return (
        <>
          a call of <Code>{one.tool}</Code>
        </>
      );
    case "tool_list":
      return (
        <>
          the tools of <Code>{one.tool}</Code>
        </>
      );
    default:
      return <>a {one.what.replaceAll("_", " ")}</>;
  }
}

/** An event of a server that is newer than this page. */
function Unknown({ event }: { event: { seq: number; at: string; kind: string } }) {
  const { seq, at, kind, ...rest } = event;
  return (
    <Line icon="info" at={at}>
      <Folded id={`event-${seq}`} title={kind.replaceAll("_", " ")}>
        <ValueBlock text={valueText(rest)} />
      </Folded>
    </Line>
  );
}
