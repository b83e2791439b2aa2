// A project from nothing: its name and the zone of its day. The rest is made on its own pages.

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";

import { mistakesOf } from "../part/queries.ts";
import { under } from "../part/check.ts";
import { Button } from "../ui/button.tsx";
import { TextInput } from "../ui/field.tsx";
import { ProblemLine } from "../ui/problem.tsx";
import { applyFile } from "./queries.ts";
import { ZoneInput } from "./zone-input.tsx";

/** The viewer's own zone. */
export const HERE = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";

export function NewForm({ taken }: { taken: string[] }) {
  const [name, setName] = useState("");
  const [timezone, setTimezone] = useState(HERE);
  const queries = useQueryClient();
  const navigate = useNavigate();
  const make = useMutation({
    mutationFn: () => applyFile(JSON.stringify({ project: name, timezone }), false),
    onSuccess: async (applied) => {
      await queries.invalidateQueries({ queryKey: ["projects"] });
      await navigate({ to: "/projects/$id", params: { id: String(applied.project_id) } });
    },
  });
  const wrong = mistakesOf(make.error);
  const isTaken = taken.includes(name);
  const named = isTaken ? [{ path: "", message: "There is a project of this name already." }] : under(wrong, "project");
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (name !== "" && !isTaken && !make.isPending) make.mutate();
      }}
    >
      <div className="grid gap-3 sm:grid-cols-2">
        <TextInput
          label="Name"
          value={name}
          onValue={(text) => (setName(text), make.reset())}
          wrong={named}
          about="Letters, digits, - and _."
          maxLength={64}
        />
        <ZoneInput label="Time zone" value={timezone} onValue={setTimezone} wrong={under(wrong, "timezone")} about="In which its day is counted." />
      </div>
      <Button type="submit" weight="primary" className="mt-3" disabled={name === "" || isTaken || make.isPending}>
        {make.isPending ? "Making it…" : "Make the project"}
      </Button>
      {make.error && wrong.length === 0 && (
        <div className="mt-2">
          <ProblemLine error={make.error} />
        </div>
      )}
    </form>
  );
}
