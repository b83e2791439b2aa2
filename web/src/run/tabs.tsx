// Tabs over a part of the page, of which one is shown.

import { Tabs as Radix } from "radix-ui";
import { useEffect, useRef, type ReactNode } from "react";

import { RemembersFolds } from "../ui/folded.tsx";

export interface Tab {
  name: string;
  title: ReactNode;
  body: ReactNode;
  /** Whether it fills its place and scrolls by itself. */
  whole?: boolean;
}

interface TabsProps {
  label: string;
  tabs: Tab[];
  chosen: string;
  onChoose: (name: string) => void;
}

export function Tabs({ label, tabs, chosen, onChoose }: TabsProps) {
  const row = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // Where there are more than fit, the one that is shown is in view.
    row.current?.querySelector("[data-state=active]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [chosen]);
  return (
    <Radix.Root value={chosen} onValueChange={onChoose} className="flex h-full min-h-0 flex-1 flex-col">
      <Radix.List ref={row} aria-label={label} className="relative flex shrink-0 gap-0.5 overflow-x-auto border-b border-line bg-panel px-3 [scrollbar-width:none]">
        {tabs.map((tab) => (
          <Radix.Trigger
            key={tab.name}
            value={tab.name}
            className="-mb-px border-b-2 border-transparent px-2 py-2 font-medium 2xl:px-2.5 whitespace-nowrap text-dim hover:text-ink focus-visible:-outline-offset-2 data-[state=active]:border-accent data-[state=active]:text-ink"
          >
            {tab.title}
          </Radix.Trigger>
        ))}
      </Radix.List>
      <RemembersFolds>
        {tabs.map((tab) => (
          <Radix.Content
            key={tab.name}
            value={tab.name}
            tabIndex={-1}
            className={`min-h-0 flex-1 outline-none ${tab.whole ? "" : "overflow-y-auto p-3 sm:p-4"}`}
          >
            {tab.body}
          </Radix.Content>
        ))}
      </RemembersFolds>
    </Radix.Root>
  );
}
