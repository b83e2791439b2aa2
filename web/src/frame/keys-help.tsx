// Which keys there are, here and now.

import { Sheet } from "../ui/sheet.tsx";
import { caps, useGroups } from "./keys.ts";

export function KeysHelp({ onClose }: { onClose: () => void }) {
  const groups = useGroups();
  return (
    <Sheet title="Keys" onClose={onClose}>
      <div className="grid gap-6 sm:grid-cols-2">
        {groups.map((group) => (
          <section key={group.title} aria-label={group.title}>
            <h3 className="eyebrow mb-2">{group.title}</h3>
            <dl className="space-y-1.5">
              {group.shortcuts.map(({ keys, words }) => (
                <div key={keys} className="flex items-center justify-between gap-4">
                  <dt>{words}</dt>
                  <dd className="flex shrink-0 gap-1">
                    <Keys keys={keys} />
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
        <section aria-label="Everywhere">
          <h3 className="eyebrow mb-2">Everywhere</h3>
          <p className="text-dim">
            <Keys keys="Tab" /> goes from one thing to the next, <Keys keys="Enter" /> opens or does it, and{" "}
            <Keys keys="Escape" /> closes what lies over the page.
          </p>
        </section>
      </div>
    </Sheet>
  );
}

export function Keys({ keys }: { keys: string }) {
  return caps(keys).map((cap, index) => (
    <kbd
      key={index}
      className="inline-grid h-5 min-w-5 place-items-center rounded border border-line-strong bg-well px-1 font-sans text-2xs text-dim"
    >
      {cap}
    </kbd>
  ));
}
