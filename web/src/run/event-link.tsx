// A way from another view to an event in the timeline.

import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

interface EventLinkProps {
  run: number;
  seq: number;
  title?: string | undefined;
  className?: string;
  children: ReactNode;
}

export function EventLink({ run, seq, title, className = "rounded text-accent hover:underline", children }: EventLinkProps) {
  return (
    <Link
      to="/runs/$id"
      params={{ id: String(run) }}
      search={(before) => ({ ...before, view: "timeline" as const, visit: undefined, event: seq })}
      title={title}
      className={className}
    >
      {children}
    </Link>
  );
}
