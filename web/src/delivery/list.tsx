// What was told to other programs and what is still to be told: each with its tries, and the button that sends it
// once more.

import { useMutation, useQueryClient } from "@tanstack/react-query";

import type { Delivery, DeliveryTry } from "../api/model.ts";
import { RunLink } from "../run/source.tsx";
import { Button } from "../ui/button.tsx";
import { Folded, ValueBlock } from "../ui/folded.tsx";
import { duration } from "../ui/format.ts";
import { Icon } from "../ui/icon.tsx";
import { ProblemLine } from "../ui/problem.tsx";
import { Moment, Until } from "../ui/time.tsx";
import { sendAgain } from "./queries.ts";
import { answered, heard, LOOKS, tells } from "./words.ts";

interface DeliveryListProps {
  items: Delivery[];
  /** Whether they are of several runs, each of which is then named. */
  ofMany?: boolean;
}

export function DeliveryList({ items, ofMany = false }: DeliveryListProps) {
  return (
    <ul className="divide-y divide-line" aria-label="Deliveries">
      {items.map((delivery) => (
        <DeliveryLine key={delivery.id} delivery={delivery} ofMany={ofMany} />
      ))}
    </ul>
  );
}

function DeliveryLine({ delivery, ofMany }: { delivery: Delivery; ofMany: boolean }) {
  const look = LOOKS[delivery.status];
  const last = delivery.tries.at(-1);
  return (
    <li className="py-3 first:pt-0 last:pb-0" aria-label={`Delivery ${delivery.id}`}>
      <div className="flex items-start gap-3">
        <div className="min-w-0 flex-1">
          <p className="font-medium">
            {tells(delivery)}
            {ofMany && delivery.run_id != null && (
              <>
                {" · "}
                <RunLink run={delivery.run_id} />
              </>
            )}
          </p>
          <p className="font-mono text-xs text-dim wrap-anywhere" title="What stands behind the host may be a secret, and is not shown.">
            {delivery.to}
          </p>
        </div>
        <span role="status" className={`flex items-center gap-1.5 font-medium whitespace-nowrap ${look.colour}`}>
          <Icon name={look.icon} />
          {look.word}
        </span>
      </div>
      <div className="mt-1 flex flex-wrap items-start justify-between gap-x-3 gap-y-2">
        <p className="min-w-0 flex-1 basis-40 pt-1 text-xs text-dim wrap-anywhere">
          {last ? (
            <>
              {last.nth === 1 ? "Tried once" : `Tried ${last.nth} times, the last`} <Moment at={last.at} />: {answered(last)}
            </>
          ) : (
            <>
              Promised <Moment at={delivery.created_at} />, not tried yet
            </>
          )}
          {delivery.status === "due" && delivery.next_try_at != null && (
            <>
              {" · "}next in <Until at={Date.parse(delivery.next_try_at)} />
            </>
          )}
        </p>
        {delivery.status !== "promised" && <SendAgain delivery={delivery} />}
      </div>
      {delivery.tries.length > 0 && (
        <Folded id={`tries.${delivery.id}`} title="Its tries">
          <Tries tries={delivery.tries} />
        </Folded>
      )}
    </li>
  );
}

function SendAgain({ delivery }: { delivery: Delivery }) {
  const queries = useQueryClient();
  const sending = useMutation({
    mutationFn: () => sendAgain(delivery.id),
    onSettled: () => queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey.at(2) === "deliveries" }),
  });
  return (
    <div className="min-w-0">
      <Button small onClick={() => sending.mutate()} disabled={sending.isPending} aria-label={`Send again: delivery ${delivery.id}`}>
        <Icon name="send" className="!size-3.5" />
        {sending.isPending ? "Sending…" : "Send again"}
      </Button>
      <div className="mt-2 empty:hidden">
        <ProblemLine error={sending.error} />
      </div>
    </div>
  );
}

function Tries({ tries }: { tries: DeliveryTry[] }) {
  return (
    <ol className="space-y-2" aria-label="Tries, the newest first">
      {tries.toReversed().map((one) => (
        <li key={one.nth} className="text-xs">
          <span className={`font-medium ${heard(one) ? "text-good" : "text-bad"}`}>
            {one.nth}. {answered(one)}
          </span>{" "}
          <span className="text-dim">
            <Moment at={one.at} />, after {duration(one.duration_ms)}
          </span>
          {one.code != null && one.message != null && <code className="ml-1.5 font-mono text-faint">{one.code}</code>}
          {one.answer != null && one.answer !== "" && (
            <div className="mt-1">
              <ValueBlock text={one.answer} />
            </div>
          )}
        </li>
      ))}
    </ol>
  );
}
