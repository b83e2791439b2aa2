// The head of everything that a person is asked: who asks, where, since when, and until when.

import type { ReactNode } from "react";

import { Avatar } from "../ui/agent.tsx";
import { Icon, type IconName } from "../ui/icon.tsx";
import { Lasting, Until } from "../ui/time.tsx";
import type { AskState, VisitState } from "./state.ts";

interface AskHeadProps {
  icon: IconName;
  ask: AskState;
  visit: VisitState | null;
  children: ReactNode;
}

export function AskHead({ icon, ask, visit, children }: AskHeadProps) {
  return (
    <header className="mb-2 flex flex-wrap items-center gap-x-2.5 gap-y-1">
      {ask.agent === null ? <Icon name={icon} className="text-warn" /> : <Avatar agent={ask.agent} small />}
      <h3 className="font-semibold">{children}</h3>
      <p className="flex flex-wrap gap-x-1.5 text-xs text-dim">
        {visit && (
          <span>
            {visit.name}, visit {visit.visit}
          </span>
        )}
        <span>
          · waits for <Lasting since={ask.since} ms={null} />
        </span>
        {ask.until !== null && (
          <span className="text-warn">
            · {ask.kind === "approval" ? "decided by the clock" : "given up"} in <Until at={Date.parse(ask.until)} />
          </span>
        )}
      </p>
    </header>
  );
}
