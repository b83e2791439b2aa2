// How a re-run began, as the timeline tells it: from which run, where, with which definition, and with what
// changed.

import type { EventOf } from "../api/model.ts";
import { BeforeAfter } from "../rerun/text-difference.tsx";
import { toldOverrides } from "../rerun/changes.ts";
import { Folded } from "../ui/folded.tsx";
import { count, dollars } from "../ui/format.ts";
import { Markdown } from "../ui/markdown.tsx";
import { inFull } from "./fold-inherited.ts";
import { Line } from "./line.tsx";
import { RunLink } from "./source.tsx";

interface InheritedNoteProps {
  event: EventOf<"run_inherited"> & { seq: number; at: string };
  stageName: (id: string) => string;
}

export function InheritedNote({ event, stageName }: InheritedNoteProps) {
  const last = inFull(event).at(-1);
  const spent = event.visits.reduce((sum, visit) => sum + (visit.usage.cost_usd ?? 0), 0);
  const told = toldOverrides(event.overrides, stageName);
  return (
    <Line icon="inherited" at={event.at}>
      <p>
        It goes on from <RunLink run={event.run_id} />,{" "}
        {event.after && last ? (
          <>
            after {last.name}, visit {last.visit}
            {last.outcome != null && <>, taking the outcome {last.outcome}</>}
          </>
        ) : (
          <>
            from {stageName(event.stage)}, visit {event.visits.length + 1}
            {event.forced && ", into which a loop guard had forced that run"}
          </>
        )}
        , with {event.definition === "original" ? "the definition of that run" : "the newest definition"}
        {event.other_input && ", and with another input"}.
      </p>
      {event.visits.length > 0 && (
        <p>
          {count(event.visits.length, "visit")} {event.after ? "up to there" : "before that"} {event.visits.length === 1 ? "is" : "are"} taken over
          {spent > 0 && <>; what they cost, {dollars(spent)}, is not counted here</>}.
        </p>
      )}
      {told.length > 0 && (
        <Folded id={`event-${event.seq}`} title={`Changed for this run: ${told.map(({ what }) => what).join(", ")}`}>
          <dl className="space-y-2">
            {told.map(({ what, text }) => (
              <div key={what}>
                <dt className="text-xs">{what.slice(0, 1).toUpperCase() + what.slice(1)}</dt>
                <dd>
                  <BeforeAfter before={null} after={text} a={`run ${event.run_id}`} b="this run" />
                </dd>
              </div>
            ))}
          </dl>
        </Folded>
      )}
      {(event.unheard ?? []).map(({ by, text }, index) => (
        <Folded key={index} id={`event-${event.seq}-${index}`} title={`${by} had said something that nobody had heard yet`}>
          <Markdown text={text} className="text-ink" />
        </Folded>
      ))}
    </Line>
  );
}
