// What stands where there is nothing yet, and where something is still on its way.

import type { ReactNode } from "react";

export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="rounded-[10px] border border-dashed border-line-strong px-5 py-8 text-center text-dim">
      <p className="font-medium text-ink">{title}</p>
      {children && <div className="mx-auto mt-1 max-w-md">{children}</div>}
    </div>
  );
}

/** Grey bars in the shape of the list that is to come, so that nothing jumps when it does. */
export function Loading({ rows = 4, height = "h-11" }: { rows?: number; height?: string }) {
  return (
    <div role="status" className="space-y-2">
      <span className="sr-only">Loading</span>
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} className={`skeleton ${height}`} />
      ))}
    </div>
  );
}
