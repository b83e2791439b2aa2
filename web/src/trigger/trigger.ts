// Triggers as the API has them.

/** What a schedule was understood as. */
export interface Preview {
  description: string;
  cron: string[] | null;
  timezone: string;
  notes: string[];
  fires: string[];
  marks?: { at: string; note: string }[];
}

export type Overlap = "allow" | "skip" | "queue" | "stop_previous";
export type Missed = "skip" | "latest" | "all";

/** What an alert may tell of, in the order in which the server lists it. */
export const ALERTS = ["slot_missed", "run_failed", "run_waiting"] as const;

export type AlertOn = (typeof ALERTS)[number];

export interface Alert {
  url: string;
  /** What is told; all of it where it is left out. */
  on?: AlertOn[];
}

export interface WebhookFields {
  verify?: "github" | "standard-webhooks" | "header";
  secret?: { secret: string };
  /** The header in which the secret is looked for. */
  header?: string;
  /** Of the runs with one key, one goes at a time. */
  concurrency?: { key: string; policy?: "queue" | "newest" };
  input?: string;
  when?: string;
}

/** The fields of the project file: a schedule or a webhook. */
export interface TriggerFields {
  workflow?: string;
  enabled?: boolean;
  /** Why it is paused. */
  pause_reason?: string;
  /** Who is told when something goes wrong. */
  alert?: Alert;
  schedule?: string;
  timezone?: string;
  input?: unknown;
  start_at?: string;
  end_at?: string;
  overlap?: Overlap;
  missed?: Missed;
  clock_gap?: "shift" | "skip";
  clock_repeat?: "first" | "second" | "both";
  spread_s?: number;
  webhook?: WebhookFields;
}

export interface Trigger extends TriggerFields {
  id: number;
  project_id: number;
  workflow_id: number;
  name: string;
  enabled: boolean;
  paused_at?: string;
  next: string | null;
  webhook_url?: string;
}

export interface Slot {
  at: string;
  until?: string;
  count?: number;
  status: "fired" | "skipped" | "missed" | "paused" | "waiting";
  reason: string | null;
  run_id: number | null;
}

/** A call of a webhook, and what became of it. */
export interface HookCall {
  id: number;
  at: string;
  status: number;
  code?: string | null;
  reason?: string | null;
  run_id?: number | null;
  bytes: number;
  /** Those that say what it was; none that could be a secret. */
  headers: Record<string, string>;
}
