// What belongs to a workflow as a whole: its team, what it asks, and its limits.

import { useNavigate } from "@tanstack/react-router";

import type { WrittenWorkflow } from "../api/model.ts";
import { under } from "../part/check.ts";
import { useRemove } from "../part/remove.tsx";
import { Choose, Mistakes, NumberInput, TextInput } from "../ui/field.tsx";
import { withField, type WorkflowDraft } from "./edit/draft.ts";
import { useEditor } from "./edit/editor.ts";

type Limits = NonNullable<WrittenWorkflow["limits"]>;

export function SettingsPanel({ id, projectId }: { id: number; projectId: number }) {
  const { workflow, project, wrong, change, name } = useEditor();
  const navigate = useNavigate();
  const remove = useRemove({
    kind: "workflows",
    noun: "workflow",
    id,
    name,
    onRemoved: () => void navigate({ to: "/projects/$id", params: { id: String(projectId) } }),
  });
  const set = <K extends keyof WorkflowDraft>(field: K, value: WorkflowDraft[K] | undefined) =>
    change(field === "team" ? { ...workflow, team: value as string } : withField(workflow, field, value), `workflow.${field}`);
  const limits: Limits = workflow.limits ?? {};
  const setLimit = <K extends keyof Limits>(field: K, value: Limits[K] | undefined) => set("limits", withField(limits, field, value));
  const of = (field: string) => under(wrong, field);
  return (
    <div className="space-y-5">
      <Choose label="Team" value={workflow.team} options={Object.keys(project.teams ?? {})} onValue={(team) => set("team", team)} wrong={of("team")} />
      <TextInput
        label="What it asks"
        value={workflow.ask ?? ""}
        onValue={(ask) => set("ask", ask)}
        wrong={of("ask")}
        placeholder="What should the article be about?"
        about="Whoever starts a run by hand is asked this."
      />
      <fieldset className="min-w-0">
        <legend className="mb-2 text-xs font-medium text-dim">Limits of each run</legend>
        <div className="grid gap-3 sm:grid-cols-2">
          <NumberInput label="US dollars" min={0} value={limits.cost_usd} onValue={(to) => setLimit("cost_usd", to)} wrong={of("limits.cost_usd")} placeholder="no limit" />
          <NumberInput label="Tokens" min={1} value={limits.tokens} onValue={(to) => setLimit("tokens", to)} wrong={of("limits.tokens")} placeholder="no limit" />
          <NumberInput label="Seconds" min={1} value={limits.wall_s} onValue={(to) => setLimit("wall_s", to)} wrong={of("limits.wall_s")} placeholder="no limit" />
          <NumberInput label="Model calls" min={1} value={limits.model_calls} onValue={(to) => setLimit("model_calls", to)} wrong={of("limits.model_calls")} placeholder="no limit" />
        </div>
        <div className="mt-3">
          <Choose
            label="At a limit the run"
            value={limits.on_limit ?? ""}
            options={[
              ["", "waits if a person started it, else stops"],
              ["wait", "waits until it is raised"],
              ["stop", "stops"],
            ]}
            onValue={(to) => setLimit("on_limit", to === "" ? undefined : to)}
            wrong={of("limits.on_limit")}
          />
        </div>
        <div className="mt-1 text-xs">
          <Mistakes of={wrong.filter((one) => one.path === "limits")} />
        </div>
      </fieldset>
      <div className="grid gap-3 sm:grid-cols-2">
        <NumberInput label="Runs at once" min={1} value={workflow.max_running} onValue={(to) => set("max_running", to)} wrong={of("max_running")} placeholder="no limit" />
        <NumberInput label="Visits in all" min={1} value={workflow.max_visits} onValue={(to) => set("max_visits", to)} wrong={of("max_visits")} placeholder="200, or 5 × stages" />
      </div>
      <div className="border-t border-line pt-3">
        {remove.button}
        {remove.refusal}
      </div>
    </div>
  );
}
