// What was used: by calls that were answered, and by those of which nobody knows.

import type { CallUsage, Usage } from "../api/model.ts";
import { changeVisit } from "./fold-visits.ts";
import type { RunState } from "./state.ts";

/** What a call may have cost of which no answer came: it counts as spent. */
export function spendLost(state: RunState, event: { visit?: number | null }, cost: number) {
  if (cost === 0) return;
  const spend = (usage: Usage) => ({ ...usage, cost_usd: usage.cost_usd + cost });
  state.usage = spend(state.usage);
  changeVisit(state, event, (visit) => ({ ...visit, usage: spend(visit.usage) }));
}

/** What was used before a call and with it. */
export function plus(usage: Usage, call: CallUsage): Usage {
  return {
    model_calls: usage.model_calls + 1,
    input_tokens: usage.input_tokens + call.input_tokens,
    output_tokens: usage.output_tokens + call.output_tokens,
    cost_usd: usage.cost_usd + call.cost_usd,
  };
}
