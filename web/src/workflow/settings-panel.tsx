// What belongs to a workflow as a whole: its team, what it asks, and its limits.

import { useNavigate } from "@tanstack/react-router";

import { under } from "../part/check.ts";
import { useRemove } from "../part/remove.tsx";
import { useRename } from "../part/rename-form.tsx";
import { Choose, Mistakes, NumberInput, TextInput } from "../ui/field.tsx";
import { withField, type WorkflowDraft } from "./edit/draft.ts";
import { useEditor } from "./edit/editor.ts";
import { LimitFields } from "./limit-fields.tsx";

export function SettingsPanel({ id, projectId }: { id: number; projectId: number }) {
  const { workflow, project, wrong, change, name, dirty } = useEditor();
  const navigate = useNavigate();
  const remove = useRemove({
    kind: "workflows",
    noun: "workflow",
    id,
    name,
    words: "Remove the workflow",
    onRemoved: () => void navigate({ to: "/projects/$id", params: { id: String(projectId) } }),
  });
  const rename = useRename({
    project: projectId,
    id,
    noun: "workflow",
    part: { kind: "workflows", name },
    barred: dirty ? "Save what is written first." : undefined,
  });
  const set = <K extends keyof WorkflowDraft>(field: K, value: WorkflowDraft[K] | undefined) =>
    change(field === "team" ? { ...workflow, team: value as string } : withField(workflow, field, value), `workflow.${field}`);
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
        <LimitFields
          limits={workflow.limits ?? {}}
          onLimits={(limits) => set("limits", limits)}
          none="no limit"
          usual="waits if a person started it, else stops"
          wrong={of("limits")}
        />
        <div className="mt-1 text-xs">
          <Mistakes of={wrong.filter((one) => one.path === "limits")} />
        </div>
      </fieldset>
      <div className="grid gap-3 sm:grid-cols-2">
        <NumberInput label="Runs at once" min={1} value={workflow.max_running} onValue={(to) => set("max_running", to)} wrong={of("max_running")} placeholder="no limit" />
        <NumberInput label="Visits in all" min={1} value={workflow.max_visits} onValue={(to) => set("max_visits", to)} wrong={of("max_visits")} placeholder="200, or 5 × stages" />
      </div>
      <div className="border-t border-line pt-3">
        <div className="flex flex-wrap gap-1.5">
          {rename.button}
          {remove.button}
        </div>
        {rename.form}
        {remove.refusal}
      </div>
    </div>
  );
}
