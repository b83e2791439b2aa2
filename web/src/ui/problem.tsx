// What is shown in the place of something that the server did not give.

import { useQueryErrorResetBoundary } from "@tanstack/react-query";

import { Link } from "@tanstack/react-router";

import { Refused } from "../api/client.ts";
import { Button } from "./button.tsx";
import { Icon } from "./icon.tsx";

/** A problem in words: what happened, what to do, and the code to search for. */
export function ProblemCard({ error, onRetry }: { error: unknown; onRetry?: (() => void) | null }) {
  const { reset } = useQueryErrorResetBoundary();
  const problem = error instanceof Refused ? error.problem : null;
  const reload = problem && problem.status < 500 ? null : () => (reset(), window.location.reload());
  const retry = onRetry === undefined ? reload : onRetry;
  return (
    <div role="alert" className="card flex gap-3 border-bad/40 p-4">
      <Icon name="error" className="mt-0.5 text-bad" />
      <div className="min-w-0 space-y-1">
        <p className="font-medium">{problem?.detail ?? "Something on this page went wrong."}</p>
        {problem?.hint && <p className="text-dim">{problem.hint}</p>}
        {(problem?.errors ?? []).map((one) => (
          <p key={one.path + one.message} className="text-dim wrap-anywhere">
            {one.path && <code className="font-mono text-xs">{one.path}: </code>}
            {one.message} {one.hint}
          </p>
        ))}
        {!problem && error instanceof Error && <p className="text-dim wrap-anywhere">{error.message}</p>}
        {problem && <p className="font-mono text-xs text-faint">{problem.code}</p>}
        {retry && (
          <Button small className="mt-2" onClick={retry}>
            Try again
          </Button>
        )}
      </div>
    </div>
  );
}

/** A problem in the place of a whole page, with the way out of it. */
export function ProblemPage({ error }: { error: unknown }) {
  const isMissing = error instanceof Refused && error.problem.status === 404;
  return (
    <div className="mx-auto max-w-3xl space-y-4">
      <h1 className="text-xl font-semibold tracking-tight">{isMissing ? "Not found" : "This page cannot be shown"}</h1>
      <ProblemCard error={error} />
      <p className="text-dim">
        {isMissing && "It may have been removed. "}
        <Link to="/" className="rounded text-accent underline underline-offset-2">
          To the projects
        </Link>
      </p>
    </div>
  );
}

/** A problem as one line under a form. */
export function ProblemLine({ error }: { error: unknown }) {
  if (!error) return null;
  const problem = error instanceof Refused ? error.problem : null;
  const wrong = problem?.errors ?? [];
  return (
    <div role="alert" className="flex gap-2 rounded-md bg-bad-soft px-3 py-2 text-bad">
      <Icon name="error" className="mt-0.5" />
      <div className="min-w-0 wrap-anywhere">
        {problem?.detail ?? String(error)} {problem?.hint}
        {wrong.map((one) => (
          <div key={one.path + one.message}>
            {one.path && <code className="font-mono text-xs">{one.path}: </code>}
            {one.message}
          </div>
        ))}
      </div>
    </div>
  );
}
