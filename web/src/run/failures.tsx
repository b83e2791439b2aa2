// The attempts at a model call that gave no answer. Many of them are told in the words of the last: a provider that is
// down says the same each time, and an answer that came in the end is what one looks for.

import { Folded, ValueBlock } from "../ui/folded.tsx";
import { count, dollars, duration } from "../ui/format.ts";
import { Icon } from "../ui/icon.tsx";
import { Markdown } from "../ui/markdown.tsx";
import { useSimulated } from "./models.ts";
import type { FailedAttempt, SpeechEntry } from "./state.ts";

/** The code of a call that was cut off because its run was ending. */
const ABORTED = "aborted";

export function Failures({ speech }: { speech: SpeechEntry }) {
  const { call, failures } = speech;
  const cutOff = failures.filter(({ code }) => code === ABORTED);
  const failed = failures.filter(({ code }) => code !== ABORTED);
  const last = failed.at(-1);
  const before = failed.slice(0, -1);
  // What was got over is no alarm any more.
  const isOver = speech.state === "finished";
  return (
    <>
      {last && (
        <div className={`my-1.5 rounded-md px-3 py-2 ${isOver ? "bg-well" : "bg-bad-soft"}`}>
          <Failure
            failure={last}
            call={call}
            isOver={isOver}
            words={before.length === 0 ? `Attempt ${last.attempt} failed:` : `Failed ${failed.length} times, the last time:`}
          />
          {before.length > 0 && (
            <div className="mt-1 pl-6 text-xs">
              <Folded id={`failures-${call}`} title={`The ${count(before.length, "attempt")} before`}>
                <ol className="space-y-1.5 border-l border-line-strong pl-3">
                  {before.map((failure) => (
                    <li key={failure.attempt}>
                      <Failure failure={failure} call={call} isOver={isOver} words={`Attempt ${failure.attempt}:`} />
                    </li>
                  ))}
                </ol>
              </Folded>
            </div>
          )}
        </div>
      )}
      {cutOff.map((failure) => (
        <CutOff key={failure.attempt} failure={failure} />
      ))}
    </>
  );
}

interface FailureProps {
  failure: FailedAttempt;
  call: number;
  isOver: boolean;
  /** What stands before the words of the failure. */
  words: string;
}

function Failure({ failure, call, isOver, words }: FailureProps) {
  return (
    <>
      <p className={`flex gap-2 font-medium ${isOver ? "text-dim" : "text-bad"}`}>
        <Icon name={isOver ? "retry" : "error"} className="mt-0.5" />
        <span className="min-w-0 wrap-anywhere">
          {words} {failure.message}
        </span>
      </p>
      <p className="mt-0.5 pl-6 text-xs text-dim">
        <code className="font-mono">{failure.code}</code>
        {failure.status !== null && <> · HTTP {failure.status}</>} · model {failure.model}
        {failure.waitMs !== null && <> · next attempt after {duration(failure.waitMs)}</>}
        <Cost failure={failure} />
      </p>
      {failure.providerMessage && (
        <p className="mt-1 pl-6 font-mono text-xs whitespace-pre-wrap wrap-anywhere">{failure.providerMessage}</p>
      )}
      {failure.partial !== "" && (
        <div className="mt-1 pl-6">
          <Folded id={`partial-${call}-${failure.attempt}`} title="Partial text: what it had written, not used">
            <ValueBlock text={failure.partial} />
          </Folded>
        </div>
      )}
    </>
  );
}

/** An answer that was cut off because its run was ending: what had come is shown, and marked as a part. */
function CutOff({ failure }: { failure: FailedAttempt }) {
  const isSimulated = useSimulated();
  return (
    <div className="mt-1.5 rounded-md bg-well px-3 py-2">
      {failure.partial !== "" && (
        <>
          <p className="eyebrow mb-1">Partial text, not used</p>
          <Markdown text={failure.partial} className="text-dim" />
        </>
      )}
      <p className="mt-1 flex flex-wrap items-center gap-1.5 text-xs text-dim first:mt-0">
        <Icon name="stopped" /> Cut off here, since the run was ending
        {failure.unsent ? <span>· it had not gone out yet</span> : !isSimulated(failure.model) && <span>· it may have been billed</span>}
        <span>
          <Cost failure={failure} />
        </span>
      </p>
    </div>
  );
}

function Cost({ failure }: { failure: FailedAttempt }) {
  return (
    <>
      {failure.costUsd !== null && <> · {dollars(failure.costUsd)} count as spent</>}
      {failure.mayCostUsd !== null && <> · it may have cost up to about {dollars(failure.mayCostUsd)}</>}
    </>
  );
}
