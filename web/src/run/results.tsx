// The results of a run: the final one on top once there is one, then the latest of each stage with
// those of its earlier visits below.

import { memo } from "react";

import { buttonLook } from "../ui/button.tsx";
import { CopyButton } from "../ui/copy.tsx";
import { Empty } from "../ui/empty.tsx";
import { Clamped, Folded } from "../ui/folded.tsx";
import { count, ordinal } from "../ui/format.ts";
import { Icon } from "../ui/icon.tsx";
import { Markdown } from "../ui/markdown.tsx";
import { Simulated } from "../ui/simulated.tsx";
import { useSimulated } from "./models.ts";
import type { VisitState } from "./state.ts";

/** Characters of a stage's result above which only its beginning is shown. */
const LONG = 700;

interface ResultsProps {
  run: number;
  visits: VisitState[];
  /** The result of the run, once it is completed. */
  result: string | null;
  over: boolean;
}

export const Results = memo(function Results({ run, visits, result, over }: ResultsProps) {
  const withResult = visits.filter((visit) => visit.result !== null);
  const last = withResult.at(-1);
  const stages = [...new Set(withResult.map((visit) => visit.stage))];
  return (
    <div className="space-y-4">
      {result !== null && last && (
        <section aria-label="Final result" className="card border-good/50 p-4">
          <ResultHeading run={run} visit={last} title="Final result" detail={`of ${last.name}, visit ${last.visit}${last.inherited ? ", inherited" : ""}`} text={result} />
          <Markdown text={result} className="mt-2 text-[0.9375rem]" />
        </section>
      )}
      {withResult.length === 0 && (
        <Empty title={over ? "No results" : "No results yet"}>
          {over ? "The run ended before a stage did." : "Each stage's result appears here when the stage ends."}
        </Empty>
      )}
      {stages.map((stage) => (
        <StageResults
          key={stage}
          run={run}
          visits={withResult.filter((visit) => visit.stage === stage)}
          final={result !== null && last?.stage === stage}
        />
      ))}
    </div>
  );
});

/** The results of one stage. Where its latest is the run's own, only the earlier ones are left. */
function StageResults({ run, visits, final }: { run: number; visits: VisitState[]; final: boolean }) {
  const latest = visits.at(-1);
  const earlier = visits.slice(0, -1);
  if (!latest || (final && earlier.length === 0)) return null;
  return (
    <section aria-label={`Result of ${latest.name}`} className="card p-4">
      {!final && <OneResult run={run} visit={latest} title={latest.name} />}
      {earlier.length > 0 && (
        <div className={final ? "" : "mt-3 border-t border-line pt-2.5"}>
          <Folded
            id={`earlier-${latest.stage}`}
            title={final ? `${latest.name}: ${count(earlier.length, "earlier result")}` : count(earlier.length, "earlier result")}
          >
            <div className="space-y-4 pt-1.5">
              {earlier.toReversed().map((visit) => (
                <OneResult key={visit.visit} run={run} visit={visit} title={`${ordinal(visit.nth)} visit`} />
              ))}
            </div>
          </Folded>
        </div>
      )}
    </section>
  );
}

function OneResult({ run, visit, title }: { run: number; visit: VisitState; title: string }) {
  const text = visit.result ?? "";
  return (
    <div>
      <ResultHeading run={run} visit={visit} title={title} detail={visit.rejected ? "rejected" : [visit.outcome ?? `visit ${visit.visit}`, visit.inherited && "inherited"].filter(Boolean).join(", ")} text={text} />
      <div className="mt-2">
        <Clamped id={`result-${visit.visit}`} long={text.length > LONG}>
          {text === "" ? <p className="text-faint">An empty text.</p> : <Markdown text={text} />}
        </Clamped>
      </div>
    </div>
  );
}

interface HeadingProps {
  run: number;
  visit: VisitState;
  title: string;
  detail: string;
  text: string;
}

function ResultHeading({ run, visit, title, detail, text }: HeadingProps) {
  const isSimulated = useSimulated();
  const what = `the result of ${visit.name}, visit ${visit.visit}`;
  return (
    <div className="flex items-start gap-x-2">
      <div className="flex min-w-0 flex-1 flex-wrap items-center gap-x-2 pt-1">
        <h2 className="font-semibold">{title}</h2>
        {isSimulated(visit.models) && <Simulated />}
        <span className="text-xs text-faint">{detail}</span>
      </div>
      <span className="-mr-2 flex">
        <CopyButton text={text} what={what} />
        <a
          href={`/api/v1/runs/${run}/visits/${visit.visit}/result.md`}
          download={`run-${run}-${visit.stage}-${visit.nth}.md`}
          aria-label={`Download ${what} as markdown`}
          title="Download as markdown"
          className={buttonLook("quiet", true)}
        >
          <Icon name="download" />
        </a>
      </span>
    </div>
  );
}
