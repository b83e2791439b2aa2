// What starts runs of a workflow by itself: its schedules and webhooks, each with what it does next, what it did,
// and the buttons for it.

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { changePart } from "../part/queries.ts";
import { useRemove } from "../part/remove.tsx";
import { useRename } from "../part/rename-form.tsx";
import { projectQuery } from "../project/queries.ts";
import { Button } from "../ui/button.tsx";
import { Empty, Loading } from "../ui/empty.tsx";
import { TextInput } from "../ui/field.tsx";
import { useFocusAlong } from "../ui/focus.ts";
import { Folded } from "../ui/folded.tsx";
import { Icon } from "../ui/icon.tsx";
import { ProblemCard, ProblemLine } from "../ui/problem.tsx";
import { Moment } from "../ui/time.tsx";
import type { TriggerDraft } from "./draft.ts";
import { FireForm, useFiring } from "./fire.tsx";
import { TriggerForm } from "./form.tsx";
import { HookCalls } from "./hook-calls.tsx";
import { triggersQuery } from "./queries.ts";
import { Slots } from "./slots.tsx";
import type { Trigger } from "./trigger.ts";
import { WebhookAddress } from "./webhook-address.tsx";

interface PanelProps {
  workflow: { id: number; name: string };
  projectId: number;
}

export function TriggerPanel({ workflow, projectId }: PanelProps) {
  const triggers = useQuery(triggersQuery(workflow.id));
  const project = useQuery(projectQuery(projectId)).data;
  const [open, setOpen] = useState<Trigger["name"] | TriggerDraft["kind"] | null>(null);
  const [making, setMaking] = useState<TriggerDraft["kind"] | null>(null);
  const items = triggers.data?.items ?? [];
  const taken = items.map((trigger) => trigger.name);
  const around = useFocusAlong(making ? `new ${making}` : open);
  return (
    <div ref={around} className="space-y-3">
      <div className="flex flex-wrap gap-2">
        <Button small data-opens="new schedule" onClick={() => setMaking("schedule")} disabled={making === "schedule"}>
          <Icon name="clock" className="!size-3.5" />
          Add a schedule
        </Button>
        <Button small data-opens="new webhook" onClick={() => setMaking("webhook")} disabled={making === "webhook"}>
          <Icon name="plug" className="!size-3.5" />
          Add a webhook
        </Button>
      </div>
      {making && project && (
        <section className="card p-4" aria-label={`New ${making}`} data-opened>
          <h3 className="mb-3 text-base font-semibold">New {making}</h3>
          <TriggerForm key={making} project={project} workflow={workflow} trigger={making} taken={taken} onDone={() => setMaking(null)} />
        </section>
      )}
      {triggers.isPending ? (
        <Loading rows={2} height="h-24" />
      ) : triggers.isError ? (
        <ProblemCard error={triggers.error} onRetry={() => triggers.refetch()} />
      ) : items.length === 0 ? (
        !making && <Empty title="Nothing starts it by itself">A schedule starts runs by the clock, a webhook when its address is called.</Empty>
      ) : (
        <ul className="space-y-3" aria-label="Triggers">
          {items.map((trigger) => (
            <li key={trigger.id} className="card p-4" data-opened={open === trigger.name || undefined}>
              {open === trigger.name && project ? (
                <>
                  <h3 className="mb-3 font-mono font-semibold">{trigger.name}</h3>
                  <TriggerForm project={project} workflow={workflow} trigger={trigger} taken={taken} onDone={() => setOpen(null)} />
                </>
              ) : (
                <TriggerLine trigger={trigger} onChange={() => setOpen(trigger.name)} />
              )}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function TriggerLine({ trigger, onChange }: { trigger: Trigger; onChange: () => void }) {
  const { id, name, enabled, schedule } = trigger;
  const queries = useQueryClient();
  const remove = useRemove({ kind: "triggers", noun: "trigger", id, name });
  const rename = useRename({ project: trigger.project_id, id, noun: "trigger", part: { kind: "triggers", name } });
  const [pausing, setPausing] = useState<string | null>(null);
  const before = { enabled, pause_reason: trigger.pause_reason };
  const pause = useMutation({
    mutationFn: () => changePart("triggers", id, before, enabled ? { enabled: false, pause_reason: pausing || undefined } : { enabled: true }),
    onSuccess: async () => {
      setPausing(null);
      await queries.invalidateQueries({ queryKey: ["workflow", trigger.workflow_id, "triggers"] });
    },
  });
  const firing = useFiring(id);
  const [otherwise, setOtherwise] = useState(false);
  return (
    <>
      <div className="flex items-start gap-2.5">
        <Icon name={schedule === undefined ? "plug" : "clock"} className="mt-0.5 text-faint" />
        <div className="min-w-0 flex-1">
          <h3 className="font-mono font-semibold wrap-anywhere">{name}</h3>
          {schedule !== undefined && (
            <p className="wrap-anywhere">
              {schedule}
              {trigger.timezone && <span className="text-dim"> · {trigger.timezone}</span>}
            </p>
          )}
          <p className="text-xs text-dim">
            {!enabled ? (
              <span className="text-warn">
                Paused
                {trigger.paused_at && (
                  <>
                    {" "}
                    since <Moment at={trigger.paused_at} />
                  </>
                )}
                {trigger.pause_reason && <>: {trigger.pause_reason}</>}
              </span>
            ) : schedule === undefined ? (
              "Starts a run when its address is called"
            ) : trigger.next ? (
              <>
                Next <Moment at={trigger.next} />
              </>
            ) : (
              "It never fires again"
            )}
          </p>
        </div>
      </div>
      {trigger.webhook_url && <WebhookAddress trigger={trigger} url={trigger.webhook_url} />}
      <div className="mt-3 flex flex-wrap gap-1.5">
        <Button small weight="primary" onClick={() => firing.mutate({})} disabled={firing.isPending} aria-label={`Fire now: ${name}`}>
          <Icon name="play" className="!size-3.5" />
          {firing.isPending ? "Firing…" : "Fire now"}
        </Button>
        <Button small onClick={() => setOtherwise(!otherwise)} aria-expanded={otherwise} aria-label={`Fire with…: ${name}`}>
          Fire with…
        </Button>
        <Button small onClick={() => (enabled ? setPausing(pausing === null ? "" : null) : pause.mutate())} disabled={pause.isPending} aria-expanded={enabled ? pausing !== null : undefined} aria-label={`${enabled ? "Pause" : "Resume"} ${name}`}>
          {enabled ? "Pause" : "Resume"}
        </Button>
        <Button small data-opens={name} onClick={onChange} aria-label={`Change ${name}`}>
          Change
        </Button>
        {rename.button}
        {remove.button}
      </div>
      {rename.form}
      {otherwise && <FireForm trigger={trigger} firing={firing} />}
      {pausing !== null && enabled && (
        <form
          className="mt-3 flex flex-wrap items-end gap-2"
          onSubmit={(event) => {
            event.preventDefault();
            pause.mutate();
          }}
        >
          <div className="min-w-0 flex-1 basis-48">
            <TextInput label="Why, if you like" value={pausing} onValue={setPausing} autoFocus />
          </div>
          <Button type="submit" weight="primary" disabled={pause.isPending} aria-label={`Pause it: ${name}`}>
            Pause it
          </Button>
        </form>
      )}
      <div className="mt-2 empty:hidden">
        <ProblemLine error={firing.error ?? pause.error} />
      </div>
      {remove.refusal}
      <div className="mt-3">
        {schedule !== undefined ? (
          <Folded id={`slots.${id}`} title="What its times came to">
            <Slots trigger={id} />
          </Folded>
        ) : (
          <Folded id={`calls.${id}`} title="Its last calls">
            <HookCalls trigger={id} />
          </Folded>
        )}
      </div>
    </>
  );
}
