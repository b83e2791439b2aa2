// The form that makes or changes a tool.

import type { Project, Tool } from "../api/model.ts";
import { under, useCheck } from "../part/check.ts";
import { PartForm } from "../part/form.tsx";
import { changePart, createPart } from "../part/queries.ts";
import { Choose, NumberInput, TextArea, TextInput, Toggle } from "../ui/field.tsx";
import { Folded } from "../ui/folded.tsx";
import { JsonField } from "../ui/json-field.tsx";
import { useKept } from "../ui/kept.ts";
import { LinesField } from "../ui/lines-field.tsx";
import { draftOf, fieldsOf, newTool, type ToolDraft, type Way } from "./draft.ts";
import { linesOf, valuesOf } from "./env.ts";

const WAYS: [Way, string][] = [
  ["command", "A program"],
  ["mcp_command", "An MCP server that is started"],
  ["mcp_url", "An MCP server at an address"],
];

const FROM = "One to a line: NAME=text, NAME=$VARIABLE of the server, or NAME=secret:NAME.";

interface ToolFormProps {
  project: Project;
  tool: Tool | undefined;
  taken: string[];
  onDone: () => void;
}

export function ToolForm({ project, tool, taken, onDone }: ToolFormProps) {
  const [draft, setDraft, forget] = useKept<ToolDraft>(`tool.${project.id}.${tool?.name ?? ""}`, tool ? draftOf(tool) : newTool());
  const { name, way, command, url, headers, rest } = draft;
  const check = useCheck(name === "" ? null : { project: project.name, tools: { [name]: fieldsOf(draft) } });
  const wrong = under(check.mistakes, `tools.${name}`);
  const of = (field: string) => under(wrong, field);
  const set = (change: Partial<ToolDraft>) => setDraft({ ...draft, ...change });
  const setRest = (change: Partial<ToolDraft["rest"]>) => setDraft({ ...draft, rest: { ...rest, ...change } });
  const isTaken = !tool && taken.includes(name);
  const close = () => (forget(), onDone());
  const shown = ["command", "mcp", "description", "parameters", "env", "timeout_s", "idempotent", "acts_outside", "on_interrupt"];
  const others = check.mistakes.filter((one) => !shown.some((field) => one.path.startsWith(`tools.${name}.${field}`)));
  return (
    <PartForm
      save={tool ? "Save" : "Add the tool"}
      ready={name !== "" && !isTaken && check.mistakes.length === 0}
      others={others}
      onCancel={close}
      onSaved={close}
      onSave={() =>
        tool
          ? changePart("tools", tool.id, fieldsOf(draftOf(tool)), fieldsOf(draft))
          : createPart("tools", project.id, { name, ...fieldsOf(draft) })
      }
    >
      <div className="grid gap-3 sm:grid-cols-2">
        {!tool && (
          <TextInput
            label="Name"
            mono
            value={name}
            onValue={(to) => set({ name: to })}
            wrong={isTaken ? [{ path: "", message: "There is a tool of this name already." }] : []}
            about="What agents and hooks call it by."
          />
        )}
        <Choose label="What it is" value={way} options={WAYS} onValue={(to) => set({ way: to })} />
      </div>
      {way === "mcp_url" ? (
        <>
          <TextInput label="Address" mono type="url" value={url} onValue={(to) => set({ url: to })} wrong={of("mcp").concat(of("mcp.url"))} placeholder="https://tools.example/mcp" />
          <LinesField label="Headers" value={linesOf(headers)} onValue={(lines) => set({ headers: valuesOf(lines) })} wrong={of("mcp.headers")} about={FROM} placeholder="Authorization=secret:tools_token" />
        </>
      ) : (
        <LinesField
          label="Command"
          value={command}
          onValue={(to) => set({ command: to })}
          wrong={of("command").concat(of("mcp"), of("mcp.command"))}
          about="The program and its arguments, one to a line. It runs in the folder in which the server was started."
          placeholder={way === "command" ? "./lookup.sh" : "npx\n-y\n@modelcontextprotocol/server-everything"}
          rows={3}
        />
      )}
      {way === "command" && (
        <>
          <TextArea label="Description" value={rest.description ?? ""} onValue={(description) => setRest({ description })} wrong={of("description")} about="What it does, as agents are told." rows={2} />
          <JsonField
            label="Parameters"
            value={rest.parameters ?? {}}
            empty={{}}
            placeholder='{ "city": { "type": "string" } }'
            about="Each name with its JSON Schema. The program reads its arguments as JSON from its standard input."
            wrong={of("parameters")}
            onValue={(parameters) => setRest({ parameters: parameters as Record<string, unknown> })}
          />
        </>
      )}
      <div className="space-y-2">
        <Toggle label="Calling it twice does the same as calling it once" checked={rest.idempotent ?? false} onValue={(idempotent) => setRest({ idempotent })} wrong={of("idempotent")} about="Then a call that a crash cut off is made again by itself." />
        <Toggle label="It may act on the world outside" checked={rest.acts_outside ?? true} onValue={(acts_outside) => setRest({ acts_outside })} wrong={of("acts_outside")} about="A re-run warns before it is called again." />
      </div>
      <Folded id="more" title="Environment, time and crashes">
        <div className="space-y-3">
          {way !== "mcp_url" && (
            <LinesField label="Environment" value={linesOf(rest.env ?? {})} onValue={(lines) => setRest({ env: valuesOf(lines) })} wrong={of("env")} about={`${FROM} It gets no other.`} />
          )}
          <div className="grid gap-3 sm:grid-cols-2">
            <NumberInput label="Longest call, in seconds" min={1} value={rest.timeout_s} onValue={(timeout_s) => setRest({ timeout_s })} wrong={of("timeout_s")} placeholder="60" />
            <Choose
              label="After a crash in the middle of a call"
              value={rest.on_interrupt ?? ""}
              options={[
                ["", "as it is idempotent or not"],
                ["report", "tell the agent that it is unknown"],
                ["retry", "call it again"],
                ["ask", "ask a person"],
              ]}
              onValue={(to) => setRest({ on_interrupt: to === "" ? undefined : to })}
              wrong={of("on_interrupt")}
            />
          </div>
        </div>
      </Folded>
    </PartForm>
  );
}
