// The tools of a project: what agents may call besides those that come along.

import { useQuery } from "@tanstack/react-query";

import type { Tool } from "../api/model.ts";
import { PartPage } from "../part/page.tsx";
import type { EditSearch } from "../part/place.ts";
import { useRemove } from "../part/remove.tsx";
import { useRename } from "../part/rename-form.tsx";
import { toolsQuery } from "../project/queries.ts";
import { Button } from "../ui/button.tsx";
import { draftOf } from "./draft.ts";
import { ToolForm } from "./form.tsx";

export function ToolsPage({ id, search: { edit } }: { id: number; search: EditSearch }) {
  const tools = useQuery(toolsQuery(id));
  return (
    <PartPage
      project={id}
      page="Tools"
      noun="tool"
      none="Requests over HTTP, a run's documents and the time come along. Programs and MCP servers are added here."
      edit={edit}
      parts={tools}
      line={(tool, open) => <ToolLine tool={tool} onEdit={open} />}
      form={(project, tool, close) => (
        <ToolForm project={project} tool={tool} taken={tools.data?.items.map((one) => one.name) ?? []} onDone={close} />
      )}
    />
  );
}

function ToolLine({ tool, onEdit }: { tool: Tool; onEdit: () => void }) {
  const remove = useRemove({ kind: "tools", noun: "tool", id: tool.id, name: tool.name });
  const rename = useRename({ project: tool.project_id, id: tool.id, noun: "tool", part: { kind: "tools", name: tool.name } });
  const { way, command, url } = draftOf(tool);
  return (
    <>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <div className="min-w-0 flex-1 basis-60">
          <h2 className="font-mono text-base font-semibold wrap-anywhere">{tool.name}</h2>
          {tool.description && <p className="line-clamp-2">{tool.description}</p>}
          <p className="text-xs text-dim wrap-anywhere">
            {way === "command" ? "Program" : "MCP server"} · <code className="font-mono">{url || command.join(" ")}</code>
            {tool.idempotent && " · idempotent"}
            {!tool.acts_outside && " · acts on nothing outside"}
          </p>
        </div>
        <div className="flex gap-1.5">
          <Button small data-opens={tool.name} onClick={onEdit} aria-label={`Change the tool ${tool.name}`}>
            Change
          </Button>
          {rename.button}
          {remove.button}
        </div>
      </div>
      {rename.form}
      {remove.refusal}
    </>
  );
}
