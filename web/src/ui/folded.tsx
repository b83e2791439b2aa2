// Something that is folded away until it is asked for.

import { createContext, use, useState, type ReactNode } from "react";

import { Icon } from "./icon.tsx";

/** What is open in a list that draws only what is visible: its parts come and go, and must not
 * forget whether they were open. */
const OpenOnes = createContext<Set<string> | null>(null);

export function RemembersFolds({ children }: { children: ReactNode }) {
  const [open] = useState(() => new Set<string>());
  return <OpenOnes value={open}>{children}</OpenOnes>;
}

interface FoldedProps {
  /** By which name it is remembered. */
  id: string;
  title: ReactNode;
  /** Whether it is open to begin with. */
  begins?: boolean;
  children: ReactNode;
}

export function Folded({ id, title, begins = false, children }: FoldedProps) {
  const remembered = use(OpenOnes);
  const [open, setOpen] = useState(begins || (remembered?.has(id) ?? false));
  const toggle = (to: boolean) => {
    setOpen(to);
    if (to) remembered?.add(id);
    else remembered?.delete(id);
  };
  return (
    <details open={open} onToggle={(event) => toggle(event.currentTarget.open)} className="min-w-0">
      <summary className="inline-flex max-w-full items-center gap-1 rounded text-dim hover:text-ink">
        <Icon name="chevron" className={`!size-3 transition-transform ${open ? "rotate-90" : ""}`} />
        <span className="min-w-0 truncate">{title}</span>
      </summary>
      {open && <div className="mt-1.5">{children}</div>}
    </details>
  );
}

/** Long text that shows its beginning first. */
export function Clamped({ id, long, children }: { id: string; long: boolean; children: ReactNode }) {
  const remembered = use(OpenOnes);
  const [open, setOpen] = useState(!long || (remembered?.has(id) ?? false));
  if (!long) return <>{children}</>;
  const toggle = () => {
    setOpen(!open);
    if (open) remembered?.delete(id);
    else remembered?.add(id);
  };
  return (
    <div>
      <div
        className={open ? "" : "max-h-44 overflow-hidden"}
        style={open ? undefined : { maskImage: "linear-gradient(#000 65%, transparent)" }}
      >
        {children}
      </div>
      <button type="button" aria-expanded={open} onClick={toggle} className="mt-1 rounded text-xs font-medium text-accent hover:underline">
        {open ? "Show less" : "Show all"}
      </button>
    </div>
  );
}

/** A value of any kind, as it stands on record. */
export function ValueBlock({ text }: { text: string }) {
  return (
    <pre
      tabIndex={0}
      className="max-h-96 overflow-auto rounded-md bg-well px-3 py-2 font-mono text-xs leading-5 whitespace-pre-wrap wrap-anywhere"
    >
      {text}
    </pre>
  );
}
