// A schedule that explains itself while one writes it: what was understood, in which zone, as which cron lines, and
// when it fires next; or why it was not understood, and what to write instead.

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { Refused } from "../api/client.ts";
import type { Wrong } from "../api/model.ts";
import { ZoneInput } from "../project/zone-input.tsx";
import { TextInput } from "../ui/field.tsx";
import { Icon } from "../ui/icon.tsx";
import { previewQuery } from "./queries.ts";
import type { Preview } from "./trigger.ts";
import { inZone } from "./when.ts";

/** How long nothing may be written until the server is asked. */
const PAUSE_MS = 200;

interface ScheduleFieldProps {
  schedule: string;
  timezone: string;
  /** The zone that counts where none is named. */
  projectZone: string;
  wrong: Wrong[];
  onSchedule: (schedule: string) => void;
  onTimezone: (timezone: string) => void;
}

export function ScheduleField({ schedule, timezone, projectZone, wrong, onSchedule, onTimezone }: ScheduleFieldProps) {
  const asked = usePaused(`${schedule}\n${timezone}`);
  const [text = "", zone = ""] = asked.split("\n");
  const preview = useQuery({
    ...previewQuery(text, zone || projectZone),
    enabled: text.trim() !== "",
    placeholderData: keepPreviousData,
  });
  const refused = preview.error instanceof Refused ? preview.error.problem : null;
  return (
    <div className="space-y-3">
      <div className="grid gap-3 sm:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
        <TextInput
          label="Schedule"
          value={schedule}
          onValue={onSchedule}
          placeholder="every Monday at 9am"
          aria-controls="schedule-meaning"
          wrong={refused ? [] : wrong.filter((one) => !one.path.includes("timezone"))}
        />
        <ZoneInput
          label="Time zone"
          value={timezone}
          placeholder={projectZone}
          onValue={onTimezone}
          wrong={wrong.filter((one) => one.path.includes("timezone"))}
        />
      </div>
      {/* Its room is always there, so that what stands below does not jump at every letter. */}
      <div id="schedule-meaning" role="status" aria-label="What it means" className="min-h-44 rounded-md border border-line bg-well/50 p-3">
        {schedule.trim() === "" ? (
          <Ways onChoose={onSchedule} />
        ) : refused ? (
          <div className="flex gap-2">
            <Icon name="error" className="mt-0.5 text-bad" />
            <div className="min-w-0">
              <p className="font-medium text-bad wrap-anywhere">{refused.detail}</p>
              {refused.hint && <p className="mt-1 text-dim wrap-anywhere">{refused.hint}</p>}
            </div>
          </div>
        ) : preview.error ? (
          <p className="text-bad">{String(preview.error)}</p>
        ) : (
          preview.data && <Meaning preview={preview.data} />
        )}
      </div>
    </div>
  );
}

function Meaning({ preview }: { preview: Preview }) {
  const marks = new Map(preview.marks?.map((mark) => [mark.at, mark.note]));
  return (
    <div className="space-y-2">
      <p className="flex gap-2 font-medium">
        <Icon name="completed" className="mt-0.5 text-good" />
        <span className="min-w-0 wrap-anywhere">{preview.description}</span>
      </p>
      <p className="text-xs text-dim">
        {preview.timezone}
        {preview.cron && (
          <>
            {" · cron "}
            <code className="font-mono">{preview.cron.join("  and  ")}</code>
          </>
        )}
      </p>
      {preview.notes.map((note) => (
        <p key={note} className="flex gap-2 text-xs text-warn">
          <Icon name="info" className="!size-3.5 mt-px" />
          {note}
        </p>
      ))}
      <ol className="space-y-0.5 border-t border-line pt-2 text-xs" aria-label="Next times">
        {preview.fires.map((at) => (
          <li key={at} className="flex flex-wrap gap-x-3">
            <time dateTime={at} title={at} className="tabular-nums">
              {inZone(at, preview.timezone)}
            </time>
            {marks.has(at) && <span className="text-warn">{marks.get(at)}</span>}
          </li>
        ))}
        {preview.fires.length === 0 && <li className="text-dim">It never fires again.</li>}
      </ol>
    </div>
  );
}

const WAYS = ["every Monday at 9am", "weekdays at 8:30", "every 2 hours between 9am and 5pm", "first day of the month at noon", "0 6 * * 1-5"];

function Ways({ onChoose }: { onChoose: (schedule: string) => void }) {
  return (
    <>
      <p className="text-dim">In English, or as a cron expression. Such as:</p>
      <ul className="mt-2 flex flex-wrap gap-1.5">
        {WAYS.map((way) => (
          <li key={way}>
            <button
              type="button"
              onClick={() => onChoose(way)}
              className="rounded-full border border-line-strong bg-panel px-2.5 py-1 text-xs hover:border-accent"
            >
              {way}
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

function usePaused(value: string): string {
  const [paused, setPaused] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setPaused(value), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return paused;
}
