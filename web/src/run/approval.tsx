// The form for a person's leave: what is to be approved, a comment, and the two answers.

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useId } from "react";

import { Button } from "../ui/button.tsx";
import { Clamped, Folded } from "../ui/folded.tsx";
import { Icon } from "../ui/icon.tsx";
import { useKept } from "../ui/kept.ts";
import { Markdown } from "../ui/markdown.tsx";
import { ProblemLine } from "../ui/problem.tsx";
import { Simulated } from "../ui/simulated.tsx";
import { AskHead } from "./ask-head.tsx";
import { useSimulated } from "./models.ts";
import { decideApproval, WORDS_MAX } from "./queries.ts";
import type { AskState, VisitState } from "./state.ts";

/** Characters of a result above which only its beginning is shown: the panel must leave room for the run. */
const LONG = 500;

interface ApprovalProps {
  run: number;
  ask: AskState;
  visit: VisitState | null;
  visits: VisitState[];
}

export function ApprovalForm({ run, ask, visit, visits }: ApprovalProps) {
  const [comment, setComment, forget] = useKept(`approval.${run}.${ask.number}`, "");
  const id = useId();
  const queries = useQueryClient();
  const send = useMutation({
    mutationFn: (approve: boolean) => decideApproval(run, ask.number, approve, comment),
    onSuccess: forget,
    onSettled: () => queries.invalidateQueries({ queryKey: ["run", run], exact: true }),
  });
  const busy = send.isPending || send.isSuccess;
  const decide = (approve: boolean) => {
    if (!busy) send.mutate(approve);
  };
  const name = visit?.name ?? "the stage";
  return (
    <form onSubmit={(event) => event.preventDefault()}>
      <AskHead icon="ask" ask={ask} visit={visit}>
        {ask.when === "before" ? `Shall ${name} begin?` : `Is the result of ${name} approved?`}
      </AskHead>
      <Subject ask={ask} visit={visit} visits={visits} />
      {/* However long the result is, the answer stays in sight. */}
      <div className="sticky -bottom-3 -mx-4 -mb-4 rounded-b-[10px] bg-panel px-4 pt-3 pb-4">
        <label htmlFor={id} className="mb-1 block text-xs text-dim">
          Comment, if you like: who works next is told it
        </label>
        <textarea
          id={id}
          value={comment}
          rows={1}
          maxLength={WORDS_MAX}
          onChange={(event) => setComment(event.target.value)}
          className="block min-h-9 w-full resize-y rounded-md border border-line-strong bg-paper px-3 py-1.5"
        />
        <div className="mt-3 flex flex-wrap items-center gap-2">
          <Button weight="primary" aria-disabled={busy} onClick={() => decide(true)}>
            <Icon name="completed" /> Approve
          </Button>
          <Button aria-disabled={busy} onClick={() => decide(false)} className="!text-bad">
            <Icon name="close" /> Reject
          </Button>
          {busy && <span className="text-dim">Sending…</span>}
        </div>
        <div className="mt-2 empty:hidden">
          <ProblemLine error={send.error} />
        </div>
      </div>
    </form>
  );
}

/** After the work its result; before it, what the stages so far came to. */
function Subject({ ask, visit, visits }: Omit<ApprovalProps, "run">) {
  const isSimulated = useSimulated();
  if (ask.when === "after") {
    if (!visit) return null;
    return (
      <div className="rounded-md border border-line px-3.5 py-2.5">
        <p className="mb-1 flex flex-wrap items-center gap-2 text-xs text-dim">
          Result
          {visit.outcome !== null && (
            <strong className="rounded bg-accent-soft px-1.5 font-semibold text-accent">{visit.outcome}</strong>
          )}
          {isSimulated(visit.models) && <Simulated />}
        </p>
        <Result id={`approve-${ask.number}`} text={visit.given ?? ""} />
      </div>
    );
  }
  const before = visits.findLast((one) => one.result !== null && one.visit !== ask.visit);
  if (!before) return <p className="text-dim">Nothing was done before it.</p>;
  return (
    <Folded id={`approve-${ask.number}`} title={`What came before: the result of ${before.name}`}>
      <Result id={`before-${ask.number}`} text={before.result ?? ""} />
    </Folded>
  );
}

function Result({ id, text }: { id: string; text: string }) {
  if (text === "") return <p className="text-faint">An empty text.</p>;
  return (
    <Clamped id={`${id}-text`} long={text.length > LONG}>
      <Markdown text={text} />
    </Clamped>
  );
}
