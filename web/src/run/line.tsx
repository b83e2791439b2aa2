// One line of the timeline: an icon, what happened, and when.

import type { ReactNode } from "react";

import { Icon, type IconName } from "../ui/icon.tsx";
import { EntryClock } from "./entry-place.tsx";

const TONES = { plain: "text-dim", warn: "text-warn", bad: "text-bad" } as const;

interface LineProps {
  icon: IconName;
  at: string;
  tone?: keyof typeof TONES;
  children: ReactNode;
}

export function Line({ icon, at, tone = "plain", children }: LineProps) {
  return (
    <div className={`flex gap-3 py-1 ${TONES[tone]}`}>
      <span className="flex w-8 shrink-0 justify-center pt-0.5">
        <Icon name={icon} className={tone === "plain" ? "text-faint" : ""} />
      </span>
      <div className="min-w-0 flex-1 wrap-anywhere">{children}</div>
      <EntryClock at={at} className="hidden text-xs leading-5 whitespace-nowrap text-faint sm:block" />
    </div>
  );
}

export function Code({ children }: { children: ReactNode }) {
  return <code className="rounded bg-well px-1 font-mono text-xs">{children}</code>;
}

/** The head of something that is folded away. */
export function Part({ title, children }: { title: ReactNode; children: ReactNode }) {
  return (
    <section className="mt-2 first:mt-0">
      <h3 className="eyebrow mb-1">{title}</h3>
      {children}
    </section>
  );
}
