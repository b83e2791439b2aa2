// Says that the connection to the server is lost, and when it is tried again.

import { useEffect, useState } from "react";

import { Button } from "../ui/button.tsx";
import { Icon } from "../ui/icon.tsx";
import { Until } from "../ui/time.tsx";
import type { Connection } from "./feed.ts";

/** A connection that is back within this time was not worth a word. */
const WORTH_A_WORD_MS = 900;

export function ConnectionBar({ connection, onRetry }: { connection: Connection; onRetry: () => void }) {
  const since = connection.kind === "lost" ? connection.since : null;
  const [long, setLong] = useState(false);
  useEffect(() => {
    if (since === null) return setLong(false);
    const timer = setTimeout(() => setLong(true), Math.max(0, since + WORTH_A_WORD_MS - Date.now()));
    return () => clearTimeout(timer);
  }, [since]);
  if (connection.kind !== "lost" || !long) return null;
  return (
    <div
      role="status"
      className="fixed bottom-4 left-4 z-10 lg:top-1 lg:right-16 lg:bottom-auto lg:left-auto flex max-w-[calc(100vw-2rem)] items-center gap-3 rounded-full border border-warn/50 bg-warn-soft py-1.5 pr-1.5 pl-4 text-warn shadow-lg"
    >
      <Icon name="plug" />
      <span>
        No connection. Tries again in <Until at={connection.retryAt} />.
      </span>
      <Button small className="rounded-full" onClick={onRetry}>
        Now
      </Button>
    </div>
  );
}
