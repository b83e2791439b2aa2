// Copies a text, and says for a moment that it did.

import { useEffect, useState } from "react";

import { Button } from "./button.tsx";
import { Icon } from "./icon.tsx";

export function CopyButton({ text, what }: { text: string; what: string }) {
  const [state, setState] = useState<"idle" | "done" | "failed">("idle");
  useEffect(() => {
    if (state === "idle") return;
    const timer = setTimeout(() => setState("idle"), 1600);
    return () => clearTimeout(timer);
  }, [state]);
  const copy = () => copyText(text).then((done) => setState(done ? "done" : "failed"));
  return (
    <Button small weight="quiet" onClick={copy} aria-label={`Copy ${what}`}>
      <Icon name={state === "done" ? "completed" : "copy"} />
      {/* Both words lie over each other, so that the button keeps its width. */}
      <span className="grid justify-items-start" aria-live="polite">
        <span className={`col-start-1 row-start-1 ${state === "idle" ? "" : "invisible"}`}>Copy</span>
        <span className={`col-start-1 row-start-1 ${state === "idle" ? "invisible" : ""}`}>
          {state === "failed" ? "Failed" : "Copied"}
        </span>
      </span>
    </Button>
  );
}

async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // The clipboard is closed to pages that were not fetched securely; a selection can be copied anywhere.
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}
