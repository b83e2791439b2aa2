// What belongs to a project as a whole: the zone of its day, its limits, its secrets, and what
// it tells other programs.

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import type { Project } from "../api/model.ts";
import { ProjectDeliveries } from "../delivery/project-panel.tsx";
import { under } from "../part/check.ts";
import { patchOf } from "../part/patch.ts";
import { mistakesOf } from "../part/queries.ts";
import { Button } from "../ui/button.tsx";
import { Loading } from "../ui/empty.tsx";
import { NumberInput } from "../ui/field.tsx";
import { Page } from "../ui/frame.tsx";
import { useKept } from "../ui/kept.ts";
import { ProblemLine } from "../ui/problem.tsx";
import { ProjectHead } from "./head.tsx";
import { changeProject, projectQuery } from "./queries.ts";
import { Secrets } from "./secrets.tsx";
import { ZoneInput } from "./zone-input.tsx";

export function SettingsPage({ id }: { id: number }) {
  const project = useQuery(projectQuery(id)).data;
  return (
    <Page>
      <ProjectHead id={id} page="Settings" />
      <div className="grid items-start gap-6 lg:grid-cols-2">
        {project ? <Whole project={project} /> : <Loading rows={1} height="h-48" />}
        <div className="space-y-6">
          <Secrets project={id} />
          <ProjectDeliveries project={id} />
        </div>
      </div>
    </Page>
  );
}

interface Settings {
  timezone: string;
  max_running: number | undefined;
  limits: { cost_usd_per_day: number | undefined };
}

function Whole({ project }: { project: Project }) {
  const saved: Settings = {
    timezone: project.timezone,
    max_running: project.max_running ?? undefined,
    limits: { cost_usd_per_day: project.limits.cost_usd_per_day },
  };
  const [draft, setDraft, forget] = useKept<Settings | null>(`settings.${project.id}`, null);
  const now = draft ?? saved;
  const patch = patchOf({ ...saved }, { ...now });
  const queries = useQueryClient();
  const save = useMutation({
    mutationFn: () => changeProject(project.id, patch ?? {}),
    onSuccess: async () => {
      await queries.invalidateQueries();
      setDraft(null);
      forget();
    },
  });
  const set = (change: Partial<Settings>) => (setDraft({ ...now, ...change }), save.reset());
  const wrong = mistakesOf(save.error);
  return (
    <form
      noValidate
      aria-labelledby="whole"
      className="card space-y-4 p-4 sm:p-5"
      onSubmit={(event) => {
        event.preventDefault();
        if (patch && !save.isPending) save.mutate();
      }}
    >
      <h2 id="whole" className="text-base font-semibold">
        The project
      </h2>
      <ZoneInput
        label="Time zone"
        value={now.timezone}
        onValue={(timezone) => set({ timezone })}
        wrong={under(wrong, "timezone")}
        about="In which its day is counted, and its schedules are read where they name none."
      />
      <NumberInput
        label="Runs at once"
        min={1}
        value={now.max_running}
        onValue={(max_running) => set({ max_running })}
        wrong={under(wrong, "max_running")}
        placeholder="no limit"
        about="The others are pending until there is a place."
      />
      <NumberInput
        label="US dollars per day"
        min={0}
        value={now.limits.cost_usd_per_day}
        onValue={(cost_usd_per_day) => set({ limits: { cost_usd_per_day } })}
        wrong={under(wrong, "limits.cost_usd_per_day").concat(wrong.filter((one) => one.path.startsWith("models")))}
        placeholder="no limit"
        about="Of all its runs together. Every model needs a price then."
      />
      {save.error && wrong.length === 0 && <ProblemLine error={save.error} />}
      <div className="flex items-center gap-2">
        <Button type="submit" weight="primary" disabled={!patch || save.isPending}>
          {save.isPending ? "Saving…" : "Save"}
        </Button>
        {patch && <Button onClick={() => (setDraft(null), forget(), save.reset())}>Discard</Button>}
        <span className="text-xs text-good" aria-live="polite">
          {save.isSuccess && !patch && "Saved."}
        </span>
      </div>
    </form>
  );
}
