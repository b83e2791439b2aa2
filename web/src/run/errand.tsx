// A tool call, a hook, the tools of a server or another workflow, in the timeline: one line from its
// beginning to its end, with what it was given and what came of it folded away.

import { memo, type ReactNode } from "react";

import type { ListedTool } from "../api/model.ts";
import { AgentName } from "../ui/agent.tsx";
import { Folded, ValueBlock } from "../ui/folded.tsx";
import { count, duration, valueLine, valueText } from "../ui/format.ts";
import { Icon, type IconName } from "../ui/icon.tsx";
import { Markdown } from "../ui/markdown.tsx";
import { StatusLine } from "../ui/status.tsx";
import { ErrorPanel } from "./error-panel.tsx";
import { Code, Line, Part } from "./line.tsx";
import { RunLink } from "./source.tsx";
import type { ChildState, ErrandEntry } from "./state.ts";

/** Characters of what a tool was given that stand beside its name: what fits on a line. */
const GLANCE = 80;

const ICONS: Record<ErrandEntry["what"], IconName> = { tool: "tool", hook: "hook", list: "list", workflow: "out" };

export const Errand = memo(function Errand({ errand }: { errand: ErrandEntry }) {
  const failed = errand.state === "failed";
  return (
    <Line icon={ICONS[errand.what]} at={errand.at} tone={failed ? "warn" : "plain"}>
      <Folded id={errand.key} title={<Title errand={errand} />}>
        <Details errand={errand} />
      </Folded>
      {errand.child && <Child child={errand.child} />}
      {failed && errand.text && <p className="line-clamp-2 text-xs wrap-anywhere">{errand.text}</p>}
      {errand.lost.map((attempt) => (
        <p key={attempt} className="flex gap-1.5 text-xs text-warn">
          <Icon name="plug" className="!size-3.5" />
          Attempt {attempt} was cut off when the server went down; it may have taken effect.
        </p>
      ))}
    </Line>
  );
});

function Title({ errand }: { errand: ErrandEntry }) {
  return (
    <>
      {subject(errand)} {errand.what === "workflow" && errand.child ? null : <State errand={errand} />}
      {errand.what === "tool" && <Glance input={errand.input} />}
    </>
  );
}

function subject(errand: ErrandEntry): ReactNode {
  switch (errand.what) {
    case "tool":
      return (
        <>
          {errand.agent !== null && <AgentName agent={errand.agent} />} called <Code>{errand.name}</Code>
        </>
      );
    case "hook":
      return (
        <>
          {errand.hook?.when === "exit" ? "Exit" : "Entry"} hook <Code>{errand.name}</Code>
          {errand.memoryKey !== null && (
            <>
              , shared as <Code>{errand.memoryKey}</Code>
            </>
          )}
        </>
      );
    case "list":
      return (
        <>
          Tools of <Code>{errand.name}</Code>
          {errand.state === "done" && `: ${errand.tools.length}`}
        </>
      );
    case "workflow":
      return (
        <>
          The outcome <strong className="font-semibold">{errand.outcome}</strong> leads to the workflow{" "}
          <strong className="font-semibold">{errand.name}</strong>
        </>
      );
  }
}

function State({ errand }: { errand: ErrandEntry }) {
  switch (errand.state) {
    case "under_way":
      return <span className="text-accent">· under way</span>;
    case "asked":
      return <span className="text-warn">· waits for a person's word</span>;
    case "cut":
      return <span>· cut off when the run ended</span>;
    case "failed":
      return (
        <>
          · failed <Code>{errand.code}</Code> <Took ms={errand.durationMs} />
        </>
      );
    case "done":
      return <Took ms={errand.durationMs} />;
  }
}

function Took({ ms }: { ms: number | null }) {
  return ms === null ? null : <span className="text-xs text-faint">· {duration(ms)}</span>;
}

function Glance({ input }: { input: unknown }) {
  const line = valueLine(input);
  if (line === "{}" || line === "null" || line === "") return null;
  return <span className="ml-2 font-mono text-xs text-faint">{line.slice(0, GLANCE)}</span>;
}

function Details({ errand }: { errand: ErrandEntry }) {
  if (errand.what === "list") return <ToolList tools={errand.tools} failure={errand.text} />;
  return (
    <>
      <Part title={errand.what === "workflow" ? "Input" : "Arguments"}>
        <ValueBlock text={valueText(errand.input)} />
      </Part>
      {errand.text !== null && (
        <Part title={errand.state === "failed" ? "What was said of the failure" : "Result"}>
          {errand.text === "" ? <p className="text-faint">An empty text.</p> : <ResultText errand={errand} text={errand.text} />}
        </Part>
      )}
      {errand.child?.error && (
        <div className="mt-2">
          <ErrorPanel error={errand.child.error} stageName={null} />
        </div>
      )}
    </>
  );
}

/** The result of a run is written by agents, that of a tool by a program. */
function ResultText({ errand, text }: { errand: ErrandEntry; text: string }) {
  if (errand.child === null || errand.state === "failed") return <ValueBlock text={readable(text)} />;
  return <Markdown text={text} className="text-ink" />;
}

/** JSON of programs comes on one line; laid out it can be read. */
function readable(text: string): string {
  if (!/^\s*[[{]/.test(text)) return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function ToolList({ tools, failure }: { tools: ListedTool[]; failure: string | null }) {
  if (failure !== null) return <ValueBlock text={failure} />;
  if (tools.length === 0) return <p className="text-faint">The server has no tools, or has not said yet.</p>;
  return (
    <ul aria-label={count(tools.length, "tool")} className="space-y-1.5">
      {tools.map((tool) => (
        <li key={tool.name}>
          <Code>{tool.name}</Code> {tool.description}
        </li>
      ))}
    </ul>
  );
}

function Child({ child }: { child: ChildState }) {
  return (
    <p className="flex flex-wrap items-center gap-x-2 pl-4">
      <span>
        {child.workflow} is carried out by {child.run === null ? "no run: it could not be started" : <RunLink run={child.run} />}
      </span>
      <StatusLine status={child.status} />
    </p>
  );
}
