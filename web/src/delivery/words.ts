// Deliveries in words.

import type { Delivery, DeliveryStatus, DeliveryTry } from "../api/model.ts";
import type { IconName } from "../ui/icon.tsx";

const TELLS: Record<Delivery["kind"], string> = {
  run_ended: "The end of the run",
  run_failed: "Alert: the run failed",
  run_waiting: "Alert: the run waits for a person",
  slot_missed: "Alert: a time started no run",
};

export function tells(delivery: Delivery): string {
  return TELLS[delivery.kind];
}

export const LOOKS: Record<DeliveryStatus, { icon: IconName; word: string; colour: string }> = {
  promised: { icon: "pending", word: "Promised", colour: "text-dim" },
  due: { icon: "send", word: "Due", colour: "text-accent" },
  delivered: { icon: "completed", word: "Delivered", colour: "text-good" },
  given_up: { icon: "error", word: "Given up", colour: "text-bad" },
};

/** What came of a try, in a few words. */
export function answered(one: DeliveryTry): string {
  if (one.status != null) return `answered with ${one.status}`;
  return one.message ?? one.code ?? "not answered";
}

/** Whether the other side heard it. */
export function heard(one: DeliveryTry): boolean {
  return one.status != null && one.status >= 200 && one.status < 300;
}
