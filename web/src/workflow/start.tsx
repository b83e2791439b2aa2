// The form that starts a run: the workflow's question, and an answer as text or as JSON.

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useRef } from "react";

import { idempotencyKey } from "../api/client.ts";
import type { Limits, Workflow } from "../api/model.ts";
import { under } from "../part/check.ts";
import { mistakesOf } from "../part/queries.ts";
import { Button } from "../ui/button.tsx";
import { Folded } from "../ui/folded.tsx";
import { Icon } from "../ui/icon.tsx";
import { useKept } from "../ui/kept.ts";
import { ProblemLine } from "../ui/problem.tsx";
import { useEditor } from "./edit/editor.ts";
import { readInput } from "./input.ts";
import { InputField } from "./input-field.tsx";
import { LimitFields } from "./limit-fields.tsx";
import { startRun } from "./queries.ts";

export function StartForm({ workflow }: { workflow: Workflow }) {
  const [{ text, json }, setInput, forget] = useKept(`input.${workflow.id}`, { text: "", json: false });
  const [limits, setLimits, forgetLimits] = useKept<Limits>(`limits.${workflow.id}`, {});
  const editor = useEditor();
  // What is written on the picture and right is meant to be run, so it is saved first.
  const saves = editor.dirty && editor.check.mistakes.length === 0 && !editor.overtaken;
  // The key stays the same until the run is there, so that a start that is sent twice is one start.
  const key = useRef(idempotencyKey());
  const queries = useQueryClient();
  const navigate = useNavigate();
  const parsed = readInput({ text, json });
  const start = useMutation({
    mutationFn: async (input: unknown) => {
      if (saves) await editor.save();
      return startRun(workflow.id, input, key.current, limits);
    },
    onSuccess: async (run) => {
      forget();
      forgetLimits();
      key.current = idempotencyKey();
      queries.setQueryData(["run", run.id], run);
      void queries.invalidateQueries({ queryKey: ["runs"] });
      await navigate({ to: "/runs/$id", params: { id: String(run.id) } });
    },
  });
  const submit = () => {
    if (!("mistake" in parsed) && !start.isPending) start.mutate(parsed.value);
  };
  /** What is asked for otherwise is another run. */
  const another = () => {
    key.current = idempotencyKey();
    start.reset();
  };
  const wrong = mistakesOf(start.error);
  return (
    <form
      className="card p-4"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <InputField
        label={<span className="text-base">{workflow.ask ?? "Input of the run"}</span>}
        text={text}
        json={json}
        placeholder={workflow.ask ? "" : "Text that the stages find as {{ input }}."}
        onChange={(to) => (setInput(to), another())}
        onSubmit={submit}
      />
      <div className="mb-3">
        <Folded id="limits" begins={Object.keys(limits).length > 0} title="Limits of this run">
          <p className="mb-2 text-xs text-dim">In place of what the workflow says.</p>
          <LimitFields
            limits={limits}
            onLimits={(to) => (setLimits(to), another())}
            none="as the workflow says"
            usual="does as the workflow says"
            wrong={under(wrong, "limits")}
          />
        </Folded>
      </div>
      <div className="flex items-center gap-3">
        <Button type="submit" weight="primary" disabled={start.isPending || "mistake" in parsed}>
          <Icon name="play" />
          {start.isPending ? "Starting…" : saves ? "Save and start run" : "Start run"}
        </Button>
        <span className="hidden text-xs text-faint sm:inline">
          {editor.dirty && !saves ? "Starts what is saved: the changes cannot be yet." : "Ctrl + Enter"}
        </span>
      </div>
      <div className="mt-3 empty:hidden">
        <ProblemLine error={start.error} />
      </div>
    </form>
  );
}
