// The moments at which a schedule was due, and what became of each.

import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";

import { Button } from "../ui/button.tsx";
import { Empty, Loading } from "../ui/empty.tsx";
import { Choose } from "../ui/field.tsx";
import { Icon, type IconName } from "../ui/icon.tsx";
import { ProblemCard } from "../ui/problem.tsx";
import { Moment } from "../ui/time.tsx";
import { slotsQuery } from "./queries.ts";
import type { Slot } from "./trigger.ts";

const LOOKS: Record<Slot["status"], [icon: IconName, look: string]> = {
  fired: ["completed", "text-good"],
  skipped: ["skip", "text-dim"],
  missed: ["error", "text-warn"],
  paused: ["stopped", "text-dim"],
  waiting: ["waiting", "text-accent"],
};

const KINDS = Object.keys(LOOKS) as Slot["status"][];

export function Slots({ trigger }: { trigger: number }) {
  const [kind, setKind] = useState<Slot["status"] | "">("");
  return (
    <>
      <div className="mb-1 max-w-48">
        <Choose bare label="Which of its times" value={kind} options={[["", "all of them"], ...KINDS]} onValue={setKind} />
      </div>
      <SlotList trigger={trigger} kind={kind === "" ? undefined : kind} />
    </>
  );
}

function SlotList({ trigger, kind }: { trigger: number; kind: Slot["status"] | undefined }) {
  const slots = useInfiniteQuery(slotsQuery(trigger, kind));
  if (slots.isPending) return <Loading rows={3} height="h-6" />;
  if (slots.isError && !slots.data) return <ProblemCard error={slots.error} onRetry={() => slots.refetch()} />;
  const items = slots.data.pages.flatMap((page) => page.items);
  if (items.length === 0) return <Empty title={kind ? `None was ${kind}` : "It was not due yet"} />;
  return (
    <>
      <SlotLines items={items} />
      {slots.hasNextPage && (
        <Button small className="mt-2" disabled={slots.isFetchingNextPage} onClick={() => slots.fetchNextPage()}>
          {slots.isFetchingNextPage ? "Loading…" : "Show older ones"}
        </Button>
      )}
    </>
  );
}

function SlotLines({ items }: { items: Slot[] }) {
  return (
    <ul className="divide-y divide-line" aria-label="Slots">
      {items.map((slot) => (
        <li key={`${slot.at}${slot.status}`} className="flex flex-wrap items-baseline gap-x-3 gap-y-0.5 py-1.5">
          <span className={`flex w-20 items-center gap-1.5 ${LOOKS[slot.status][1]}`}>
            <Icon name={LOOKS[slot.status][0]} className="!size-3.5 self-center" />
            {slot.status}
          </span>
          <span className="text-dim">
            <Moment at={slot.at} />
            {slot.until && (
              <>
                {" "}
                to <Moment at={slot.until} />
              </>
            )}
            {slot.count !== undefined && slot.count > 1 && <> · {slot.count} times</>}
          </span>
          {slot.run_id !== null && (
            <Link to="/runs/$id" params={{ id: String(slot.run_id) }} className="text-accent hover:underline">
              Run {slot.run_id}
            </Link>
          )}
          {slot.reason && <span className="basis-full text-xs text-dim wrap-anywhere">{slot.reason}</span>}
        </li>
      ))}
    </ul>
  );
}
