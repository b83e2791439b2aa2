// What a project told other programs, and the key by which they know who tells it.

import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";

import { Button } from "../ui/button.tsx";
import { CopyButton } from "../ui/copy.tsx";
import { Confirm } from "../ui/dialog.tsx";
import { Loading } from "../ui/empty.tsx";
import { Icon } from "../ui/icon.tsx";
import { ProblemCard, ProblemLine } from "../ui/problem.tsx";
import { DeliveryList } from "./list.tsx";
import { newCallbackKey, projectDeliveriesQuery } from "./queries.ts";

export function ProjectDeliveries({ project }: { project: number }) {
  const deliveries = useInfiniteQuery(projectDeliveriesQuery(project));
  const items = deliveries.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <section className="card p-4 sm:p-5" aria-labelledby="deliveries">
      <h2 id="deliveries" className="text-base font-semibold">
        Callbacks and alerts
      </h2>
      <p className="mt-1 mb-4 text-dim">
        Who asked to be called back is told when a run ends; who is named in a trigger, when something of it goes wrong. Each request is
        signed.
      </p>
      <CallbackKey project={project} />
      <div className="mt-4 border-t border-line pt-4">
        {deliveries.isPending ? (
          <Loading rows={2} />
        ) : deliveries.isError && !deliveries.data ? (
          <ProblemCard error={deliveries.error} onRetry={() => deliveries.refetch()} />
        ) : items.length === 0 ? (
          <p className="text-faint">Nothing was told yet.</p>
        ) : (
          <DeliveryList items={items} ofMany />
        )}
        {deliveries.hasNextPage && (
          <Button small className="mt-3" disabled={deliveries.isFetchingNextPage} onClick={() => deliveries.fetchNextPage()}>
            {deliveries.isFetchingNextPage ? "Loading…" : "Show older ones"}
          </Button>
        )}
      </div>
    </section>
  );
}

/** The key is on the page from its making until one leaves, and never comes back. */
function CallbackKey({ project }: { project: number }) {
  const queries = useQueryClient();
  const making = useMutation({
    mutationFn: () => newCallbackKey(project),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["project", project, "secrets"] }),
  });
  return (
    <div className="space-y-2">
      <Confirm
        trigger={
          <Button disabled={making.isPending}>
            <Icon name="key" />
            {making.isPending ? "Making it…" : "Make a key to check them with"}
          </Button>
        }
        title="Make a new key?"
        confirm="Make the key"
        weight="primary"
        onConfirm={() => making.mutate()}
      >
        It signs from now on, in place of the one before. Whoever checks signatures needs it at once.
      </Confirm>
      <div role="status">
        {making.data && (
          <div className="rounded-md bg-good-soft px-3 py-2">
            <p>This is the key. It is not shown again.</p>
            <div className="mt-1 flex items-center gap-2">
              <code tabIndex={0} aria-label="The key" className="min-w-0 flex-1 overflow-x-auto font-mono text-xs whitespace-nowrap">
                {making.data.key}
              </code>
              <CopyButton text={making.data.key} what="the key" />
            </div>
          </div>
        )}
      </div>
      <ProblemLine error={making.error} />
    </div>
  );
}
