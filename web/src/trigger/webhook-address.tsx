// Where a webhook is called, and a call of it from here.

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";

import { asProblem, Refused, unreachable } from "../api/client.ts";
import { Button } from "../ui/button.tsx";
import { CopyButton } from "../ui/copy.tsx";
import { Confirm } from "../ui/dialog.tsx";
import { TextArea, Toggle } from "../ui/field.tsx";
import { Folded } from "../ui/folded.tsx";
import { Icon } from "../ui/icon.tsx";
import { ProblemLine } from "../ui/problem.tsx";
import { rotate } from "./queries.ts";
import type { Trigger } from "./trigger.ts";

interface Called {
  run_id?: number;
  filtered?: boolean;
}

export function WebhookAddress({ trigger, url }: { trigger: Trigger; url: string }) {
  const address = new URL(url, window.location.origin).href;
  const queries = useQueryClient();
  const [grace, setGrace] = useState(true);
  const rotating = useMutation({
    mutationFn: () => rotate(trigger.id, grace),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["workflow", trigger.workflow_id, "triggers"] }),
  });
  return (
    <>
      <div className="mt-3 flex items-center gap-2 rounded-md bg-well py-1.5 pr-1.5 pl-3">
        <code tabIndex={0} className="min-w-0 flex-1 overflow-x-auto font-mono text-xs whitespace-nowrap">
          {address}
        </code>
        <CopyButton text={address} what="the address" />
      </div>
      <div className="mt-2 flex flex-wrap gap-1.5">
        <Confirm
          trigger={
            <Button small weight="quiet" disabled={rotating.isPending} aria-label={`Make another address for ${trigger.name}`}>
              <Icon name="retry" className="!size-3.5" />
              Make another address
            </Button>
          }
          title={`Make another address for ${trigger.name}?`}
          confirm="Make another"
          onConfirm={() => rotating.mutate()}
        >
          <Toggle
            label="The one before answers for another day"
            about="So that whoever calls it can be told. Not where it is known to someone who should not know it."
            checked={grace}
            onValue={setGrace}
          />
        </Confirm>
      </div>
      <ProblemLine error={rotating.error} />
      {!trigger.webhook?.verify && (
        <div className="mt-2">
          <Folded id={`call.${trigger.id}`} title="Call it from here">
            <TestCall address={address} />
          </Folded>
        </div>
      )}
    </>
  );
}

/** A call as any program would make it. One that is signed cannot be made here, since the page has no secret. */
function TestCall({ address }: { address: string }) {
  const [body, setBody] = useState('{ "hello": "world" }');
  const queries = useQueryClient();
  const call = useMutation({
    mutationFn: async (): Promise<Called> => {
      const answer = await fetch(address, { method: "POST", headers: { "Content-Type": "application/json" }, body }).catch((error: unknown) => {
        throw unreachable(error);
      });
      const said: unknown = await answer.json().catch(() => null);
      if (!answer.ok) throw new Refused(asProblem(said, answer));
      return said as Called;
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: ["runs"] }),
  });
  return (
    <div className="space-y-2">
      <TextArea label="Body" mono value={body} onValue={setBody} rows={2} />
      <Button small onClick={() => call.mutate()} disabled={call.isPending}>
        {call.isPending ? "Calling…" : "Call it"}
      </Button>
      <div role="status">
        {call.data?.filtered && <p className="text-dim">It was taken, and started nothing: its condition is not met.</p>}
        {call.data?.run_id !== undefined && (
          <p>
            It started{" "}
            <Link to="/runs/$id" params={{ id: String(call.data.run_id) }} className="text-accent underline">
              run {call.data.run_id}
            </Link>
            .
          </p>
        )}
      </div>
      <ProblemLine error={call.error} />
    </div>
  );
}
