// Where a project file is pasted and applied. Its mistakes are shown with their lines, and choosing
// one leads to the place in the file.

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useId, useRef, useState } from "react";

import { Refused } from "../api/client.ts";
import type { Applied } from "../api/model.ts";
import { Button } from "../ui/button.tsx";
import { Icon } from "../ui/icon.tsx";
import { ProblemLine } from "../ui/problem.tsx";
import { goTo, Mistakes } from "./mistakes.tsx";
import { applyFile } from "./queries.ts";

const SKELETON = `project: newsroom
models:
  main: { provider: simulated, model: simulated }
teams:
  desk:
    model: main
    agents:
      writer: { role: Writer }
workflows:
  note:
    team: desk
    ask: What should the note be about?
    stages:
      - name: Write
        task: "Write a short note about {{ input }}."
        agents: [writer]
`;

interface ApplyProps {
  /** The file of a project that is there already: it is changed, and what is taken out of it is removed. */
  begun?: string;
}

export function ApplyForm({ begun }: ApplyProps) {
  const [file, setFile] = useState(begun ?? "");
  const area = useRef<HTMLTextAreaElement>(null);
  const id = useId();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const apply = useMutation({
    mutationFn: (dryRun: boolean) => applyFile(file, dryRun, begun !== undefined),
    onSuccess: async (applied, dryRun) => {
      if (dryRun) return;
      await queries.invalidateQueries();
      await navigate({ to: "/projects/$id", params: { id: String(applied.project_id) } });
    },
  });
  const wrong = apply.error instanceof Refused ? (apply.error.problem.errors ?? []) : [];
  const change = (text: string) => {
    setFile(text);
    apply.reset();
  };
  return (
    <form
      onSubmit={(submit) => {
        submit.preventDefault();
        apply.mutate(false);
      }}
    >
      <label htmlFor={id} className="font-medium">
        Project file
      </label>
      <textarea
        id={id}
        ref={area}
        value={file}
        onChange={(event) => change(event.target.value)}
        placeholder="Paste a project file here: YAML or JSON."
        spellCheck={false}
        rows={begun === undefined ? 14 : 28}
        aria-invalid={wrong.length > 0}
        aria-describedby={`${id}-mistakes`}
        className="mt-1.5 block w-full resize-y rounded-md border border-line-strong bg-panel p-3 font-mono text-xs leading-5 whitespace-pre placeholder:text-faint"
      />
      <div id={`${id}-mistakes`} className="mt-2 empty:hidden">
        {wrong.length > 0 ? (
          <Mistakes wrong={wrong} onChoose={(line, column) => area.current && goTo(area.current, line, column)} />
        ) : (
          <ProblemLine error={apply.error} />
        )}
        {apply.data && apply.variables && <Plan applied={apply.data} />}
      </div>
      <div className="mt-3 flex flex-wrap items-center gap-2">
        <Button type="submit" weight="primary" disabled={file.trim() === "" || file === begun || apply.isPending}>
          {apply.isPending && !apply.variables ? "Applying…" : "Apply"}
        </Button>
        <Button disabled={file.trim() === "" || apply.isPending} onClick={() => apply.mutate(true)}>
          Check only
        </Button>
        {file === "" && (
          <Button weight="quiet" onClick={() => change(SKELETON)}>
            Begin with a small one
          </Button>
        )}
      </div>
    </form>
  );
}

function Plan({ applied }: { applied: Applied }) {
  const parts: [string, string[]][] = [
    ["New", applied.created],
    ["Changed", applied.changed],
    ["Removed", applied.removed],
  ];
  const any = parts.some(([, names]) => names.length > 0);
  return (
    <div role="status" className="rounded-md bg-good-soft px-3 py-2">
      <p className="flex items-center gap-2 font-medium text-good">
        <Icon name="completed" /> The file has no mistakes.{!any && " It would change nothing."}
      </p>
      {parts.map(
        ([word, names]) =>
          names.length > 0 && (
            <p key={word} className="mt-1 text-dim">
              {word}: <span className="font-mono text-xs text-ink">{names.join(", ")}</span>
            </p>
          ),
      )}
      {applied.warnings?.map((warning) => (
        <p key={warning.path + warning.message} className="mt-1 text-warn">
          {warning.line != null && `Line ${warning.line}: `}
          {warning.message}
        </p>
      ))}
    </div>
  );
}
