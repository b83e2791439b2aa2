// The form that starts a run: the workflow's question, and an answer as text or as JSON.

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useId, useRef, useState } from "react";

import { idempotencyKey } from "../api/client.ts";
import type { Workflow } from "../api/model.ts";
import { Button } from "../ui/button.tsx";
import { Icon } from "../ui/icon.tsx";
import { ProblemLine } from "../ui/problem.tsx";
import { startRun } from "./queries.ts";

export function StartForm({ workflow }: { workflow: Workflow }) {
  const [text, setText] = useState("");
  const [json, setJson] = useState(false);
  const id = useId();
  // The key stays the same until the run is there, so that a start that is sent twice is one start.
  const key = useRef(idempotencyKey());
  const queries = useQueryClient();
  const navigate = useNavigate();
  const parsed = json ? parseJson(text) : { value: text };
  const start = useMutation({
    mutationFn: (input: unknown) => startRun(workflow.id, input, key.current),
    onSuccess: async (run) => {
      key.current = idempotencyKey();
      queries.setQueryData(["run", run.id], run);
      void queries.invalidateQueries({ queryKey: ["runs"] });
      await navigate({ to: "/runs/$id", params: { id: String(run.id) } });
    },
  });
  const submit = () => {
    if (!("mistake" in parsed) && !start.isPending) start.mutate(parsed.value);
  };
  const change = (to: string) => {
    setText(to);
    // Another input is another run.
    key.current = idempotencyKey();
    start.reset();
  };
  const mistake = "mistake" in parsed && text.trim() !== "" ? parsed.mistake : null;
  return (
    <form
      className="card p-4"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <div className="mb-2 flex items-start justify-between gap-3">
        <label htmlFor={id} className="pt-0.5 text-base font-semibold text-balance">
          {workflow.ask ?? "Input of the run"}
        </label>
        <div role="group" aria-label="Format of the input" className="flex rounded-md bg-well p-0.5">
          <Format name="Text" pressed={!json} onPress={() => setJson(false)} />
          <Format name="JSON" pressed={json} onPress={() => setJson(true)} />
        </div>
      </div>
      <textarea
        id={id}
        value={text}
        onChange={(event) => change(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) submit();
        }}
        rows={4}
        spellCheck={!json}
        placeholder={json ? '{ "topic": "…" }' : workflow.ask ? "" : "Text that the stages find as {{ input }}."}
        aria-invalid={mistake !== null}
        aria-describedby={`${id}-mistake`}
        className={`block w-full resize-y rounded-md border border-line-strong bg-paper px-3 py-2 placeholder:text-faint ${json ? "font-mono text-xs leading-5" : ""}`}
      />
      <p id={`${id}-mistake`} className="mt-1 min-h-5 text-xs text-bad" aria-live="polite">
        {mistake}
      </p>
      <div className="flex items-center gap-3">
        <Button type="submit" weight="primary" disabled={start.isPending || "mistake" in parsed}>
          <Icon name="play" />
          {start.isPending ? "Starting…" : "Start run"}
        </Button>
        <span className="hidden text-xs text-faint sm:inline">Ctrl + Enter</span>
      </div>
      <div className="mt-3 empty:hidden">
        <ProblemLine error={start.error} />
      </div>
    </form>
  );
}

function Format({ name, pressed, onPress }: { name: string; pressed: boolean; onPress: () => void }) {
  return (
    <button
      type="button"
      aria-pressed={pressed}
      onClick={onPress}
      className={`h-6 rounded px-2 text-xs font-medium ${pressed ? "bg-panel text-ink shadow-sm" : "text-dim hover:text-ink"}`}
    >
      {name}
    </button>
  );
}

/** An empty text is no input, which every workflow can be started with. */
function parseJson(text: string): { value: unknown } | { mistake: string } {
  if (text.trim() === "") return { value: "" };
  try {
    return { value: JSON.parse(text) as unknown };
  } catch (error) {
    return { mistake: `This is not JSON: ${error instanceof Error ? error.message : "it cannot be read"}.` };
  }
}
