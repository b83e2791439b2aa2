// What a run waits for that only a person can give, on top of its page: answers to questions, leave, and
// higher limits. It comes with the event that asks and goes with the one that tells of the answer.

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useId, useLayoutEffect, useRef, useState, type ReactNode } from "react";

import type { Run } from "../api/model.ts";
import { AgentName } from "../ui/agent.tsx";
import { Button } from "../ui/button.tsx";
import { focusMain } from "../ui/focus.ts";
import { Clamped, RemembersFolds } from "../ui/folded.tsx";
import { Icon } from "../ui/icon.tsx";
import { useKept } from "../ui/kept.ts";
import { Markdown } from "../ui/markdown.tsx";
import { ProblemLine } from "../ui/problem.tsx";
import { Simulated } from "../ui/simulated.tsx";
import { ApprovalForm } from "./approval.tsx";
import { AskHead } from "./ask-head.tsx";
import { LimitForm } from "./limit.tsx";
import { useSimulated } from "./models.ts";
import { answerQuestion, WORDS_MAX } from "./queries.ts";
import type { AskState, HeldState, RunState, VisitState } from "./state.ts";
import { heldLimits } from "./waiting.ts";

/** Characters of a question above which only its beginning is shown. */
const LONG = 900;

/** How long something has to be asked until it is shown: a history that is read from its beginning asks
 * and is answered within a moment. */
const LASTS_MS = 150;

export function Asks({ run, state }: { run: Run; state: RunState }) {
  const [hidden, setHidden] = useState("");
  const id = useId();
  const limits = heldLimits(state);
  const waiting = state.asks.length + limits.length;
  const lasts = useLasting(waiting > 0);
  if (waiting === 0 || !lasts) return null;
  // What is hidden is what is there now: something new is shown again.
  const mark = [...state.asks.map((ask) => ask.number), ...limits.map((held) => held.limit)].join();
  const open = hidden !== mark;
  return (
    <section aria-label="Waiting for you" className="flex max-h-[52dvh] shrink-0 flex-col border-b border-warn/40 bg-warn-soft">
      <div className="flex items-center justify-between gap-2 px-3 pt-1.5 pb-1.5 text-warn sm:px-5">
        <h2 className="flex items-center gap-1.5 font-medium">
          <Icon name="waiting" /> {waiting === 1 ? "Waiting for you" : `${waiting} things wait for you`}
        </h2>
        <Button small weight="quiet" aria-expanded={open} aria-controls={id} onClick={() => setHidden(open ? mark : "")}>
          {open ? "Hide" : "Show"}
        </Button>
      </div>
      <div id={id} hidden={!open} className="min-h-0 flex-1 overflow-y-auto px-3 pb-3 sm:px-5">
        <RemembersFolds>
          <AskList run={run} state={state} limits={limits} />
        </RemembersFolds>
      </div>
    </section>
  );
}

/** Whether something has been so for a while. */
function useLasting(is: boolean): boolean {
  const [lasts, setLasts] = useState(false);
  useEffect(() => {
    if (!is) return setLasts(false);
    const timer = setTimeout(() => setLasts(true), LASTS_MS);
    return () => clearTimeout(timer);
  }, [is]);
  return is && lasts;
}

function AskList({ run, state, limits }: { run: Run; state: RunState; limits: HeldState[] }) {
  const isSimulated = useSimulated();
  const visits = state.visits;
  return (
    <ul className="mx-auto max-w-[56rem] space-y-3">
      {state.asks.map((ask) => (
        <Item key={ask.number}>
          <OneAsk
            run={run.id}
            ask={ask}
            visits={visits}
            simulated={ask.agent !== null && isSimulated(state.voices.get(ask.agent)?.model ?? "")}
          />
        </Item>
      ))}
      {limits.map((held) => (
        <Item key={held.limit}>
          <LimitForm run={run.id} held={held} />
        </Item>
      ))}
    </ul>
  );
}

/** When it goes, what had the focus in it goes too; who uses the keyboard goes on from the page. */
function Item({ children }: { children: ReactNode }) {
  const item = useRef<HTMLLIElement>(null);
  useLayoutEffect(() => {
    const element = item.current;
    return () => {
      if (element?.contains(document.activeElement)) focusMain();
    };
  }, []);
  return (
    <li ref={item} className="card p-4">
      {children}
    </li>
  );
}

interface OneAskProps {
  run: number;
  ask: AskState;
  visits: VisitState[];
  simulated: boolean;
}

function OneAsk({ run, ask, visits, simulated }: OneAskProps) {
  const visit = visits.find((one) => one.visit === ask.visit) ?? null;
  if (ask.kind === "approval") return <ApprovalForm run={run} ask={ask} visit={visit} visits={visits} />;
  return <QuestionForm run={run} ask={ask} visit={visit} simulated={simulated} />;
}

interface QuestionProps {
  run: number;
  ask: AskState;
  visit: VisitState | null;
  simulated: boolean;
}

function QuestionForm({ run, ask, visit, simulated }: QuestionProps) {
  const [text, setText, forget] = useKept(`answer.${run}.${ask.number}`, "");
  const id = useId();
  const queries = useQueryClient();
  const send = useMutation({
    mutationFn: (answer: string) => answerQuestion(run, ask.number, answer),
    onSuccess: forget,
    onSettled: () => queries.invalidateQueries({ queryKey: ["run", run], exact: true }),
  });
  const busy = send.isPending || send.isSuccess;
  const answer = (words: string) => {
    if (!busy && words.trim() !== "") send.mutate(words.trim());
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        answer(text);
      }}
    >
      <AskHead icon="ask" ask={ask} visit={visit}>
        {ask.agent === null || ask.kind === "again" ? "Is it to be done again?" : <><AgentName agent={ask.agent} /> asks you</>}{" "}
        {simulated && <Simulated />}
      </AskHead>
      <Clamped id={`ask-${ask.number}`} long={ask.text.length > LONG}>
        <Markdown text={ask.text} className="text-[0.9375rem]" />
      </Clamped>
      {ask.choices.length > 0 && (
        <div role="group" aria-label="Answers to choose from" className="mt-3 flex flex-wrap gap-2">
          {ask.choices.map((choice) => (
            <Button key={choice} aria-disabled={busy} onClick={() => answer(choice)} className="!h-auto min-h-9 py-1.5 text-left !whitespace-normal">
              {choice}
            </Button>
          ))}
        </div>
      )}
      {ask.kind === "question" && (
        <div className="mt-3 flex items-end gap-2">
          <div className="min-w-0 flex-1">
            <label htmlFor={id} className="mb-1 block text-xs text-dim">
              {ask.choices.length > 0 ? "Or in your own words" : "Your answer"}
            </label>
            <textarea
              id={id}
              value={text}
              rows={2}
              maxLength={WORDS_MAX}
              onChange={(event) => setText(event.target.value)}
              onKeyDown={(event) => {
                if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) answer(text);
              }}
              className="block w-full resize-y rounded-md border border-line-strong bg-paper px-3 py-2"
            />
          </div>
          <Button type="submit" weight="primary" aria-disabled={busy || text.trim() === ""}>
            {busy ? "Sending…" : "Answer"}
          </Button>
        </div>
      )}
      <div className="mt-2 empty:hidden">
        <ProblemLine error={send.error} />
      </div>
    </form>
  );
}
