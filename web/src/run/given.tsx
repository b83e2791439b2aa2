// What a run was given: its input, what its caller wants to find again, and the definition that it runs with; and the
// whole run as a file, to be kept.

import { useQuery } from "@tanstack/react-query";

import type { Run } from "../api/model.ts";
import { buttonLook } from "../ui/button.tsx";
import { CopyButton } from "../ui/copy.tsx";
import { Loading } from "../ui/empty.tsx";
import { Folded, ValueBlock } from "../ui/folded.tsx";
import { valueText } from "../ui/format.ts";
import { Icon } from "../ui/icon.tsx";
import { ProblemCard } from "../ui/problem.tsx";
import { OtherLimits } from "./other-limits.tsx";
import { definitionQuery } from "./queries.ts";

export function Given({ run, live }: { run: Run; live: boolean }) {
  return (
    <div className="space-y-5">
      <Value title="Input" what="the input" value={run.input} />
      {run.metadata != null && <Value title="From its caller" what="what its caller gave" value={run.metadata} />}
      {live && (
        <Folded id="other-limits" title="Give it other limits">
          <OtherLimits run={run.id} />
        </Folded>
      )}
      <Folded id="definition" title="The definition that it runs with">
        <Definition run={run.id} />
      </Folded>
      <div className="border-t border-line pt-4">
        <a href={`/api/v1/runs/${run.id}/export`} download={`run-${run.id}.json`} className={buttonLook("plain", true)}>
          <Icon name="download" className="!size-3.5" />
          Download the whole run
        </a>
        <p className="mt-1.5 text-xs text-faint">
          One file with its history, which <code className="font-mono">callboard runs replay</code> plays again.
        </p>
      </div>
    </div>
  );
}

function Value({ title, what, value }: { title: string; what: string; value: unknown }) {
  const text = valueText(value);
  const isNothing = value === null || value === undefined || text === "";
  return (
    <section aria-label={title}>
      <div className="mb-1 flex items-center justify-between">
        <h2 className="font-semibold">{title}</h2>
        {!isNothing && <CopyButton text={text} what={what} />}
      </div>
      {isNothing ? <p className="text-faint">Nothing.</p> : <ValueBlock text={text} />}
    </section>
  );
}

function Definition({ run }: { run: number }) {
  const definition = useQuery(definitionQuery(run));
  if (definition.isPending) return <Loading rows={2} height="h-16" />;
  if (definition.isError) return <ProblemCard error={definition.error} onRetry={() => definition.refetch()} />;
  const text = valueText(definition.data);
  return (
    <>
      <p className="mb-1 flex items-center justify-between text-xs text-dim">
        As it was when the run began, whatever its project says by now.
        <CopyButton text={text} what="the definition" />
      </p>
      <ValueBlock text={text} />
    </>
  );
}
