// Calls of a run that were cut off: after a crash, by a silent model, by a stop. Nobody can know whether
// they were carried out, so the page says it at once, and where in the timeline each of them is.

import { useId, useState } from "react";

import type { Interrupted } from "../api/model.ts";
import { AgentName } from "../ui/agent.tsx";
import { Button } from "../ui/button.tsx";
import { dollars } from "../ui/format.ts";
import { Icon } from "../ui/icon.tsx";
import { interruptedSummary, becameWords, causeWords, mayWords } from "./interrupted-words.ts";
import { Code } from "./line.tsx";

interface NoticeProps {
  interrupted: Interrupted[];
  /** How many older ones are left out. */
  leftOut: number;
  onChoose: (one: Interrupted) => void;
}

export function InterruptedNotice({ interrupted, leftOut, onChoose }: NoticeProps) {
  const [open, setOpen] = useState(false);
  const id = useId();
  if (interrupted.length === 0) return null;
  return (
    <section aria-label="Calls that were cut off" className="flex max-h-[40dvh] shrink-0 flex-col border-b border-warn/40 bg-warn-soft">
      <div className="flex items-start justify-between gap-2 px-3 py-1.5 sm:px-5">
        <p className="flex gap-1.5 text-warn">
          <Icon name="plug" className="mt-0.5" />
          <span>{interruptedSummary(interrupted)}</span>
        </p>
        <Button small weight="quiet" aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>
          {open ? "Hide" : "Which"}
        </Button>
      </div>
      <ul id={id} hidden={!open} className="min-h-0 flex-1 space-y-1 overflow-y-auto px-3 pb-3 sm:px-5">
        {leftOut > 0 && <li className="text-dim">{leftOut} older ones are in the events alone.</li>}
        {interrupted.map((one) => (
          <li key={`${one.seq}-${one.call}`} className="wrap-anywhere">
            <Subject one={one} /> {mayWords(one.may)}: {causeWords(one.cause)}, {becameWords(one.became)}
            {one.cost_usd != null && <>; {dollars(one.cost_usd)} count as spent</>}
            {one.may_cost_usd != null && <>; about {dollars(one.may_cost_usd)} at most</>}.{" "}
            <button type="button" className="text-accent underline" onClick={() => onChoose(one)}>
              Event {one.seq}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Subject({ one }: { one: Interrupted }) {
  if (one.what === "model_call") {
    return (
      <>
        The call of <AgentName agent={one.agent ?? ""} /> to the model {one.model}
      </>
    );
  }
  if (one.hook != null) {
    return (
      <>
        The {one.hook.when} hook <Code>{one.tool}</Code>
      </>
    );
  }
  return (
    <>
      The call of <Code>{one.tool}</Code> by <AgentName agent={one.agent ?? ""} />
    </>
  );
}
