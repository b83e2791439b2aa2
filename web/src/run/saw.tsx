// What an agent saw: everything that a model was sent at one attempt of a call, to be read from top to
// bottom like a document.

import { useQuery } from "@tanstack/react-query";
import { createContext, use, useCallback, useState, type ReactNode } from "react";

import type { CallSent, SentMessage } from "../api/model.ts";
import { AgentName } from "../ui/agent.tsx";
import { Button } from "../ui/button.tsx";
import { CopyButton } from "../ui/copy.tsx";
import { Loading } from "../ui/empty.tsx";
import { Folded, RemembersFolds, ValueBlock } from "../ui/folded.tsx";
import { count, valueText } from "../ui/format.ts";
import { Icon } from "../ui/icon.tsx";
import { ProblemCard } from "../ui/problem.tsx";
import { Sheet } from "../ui/sheet.tsx";
import { Code } from "./line.tsx";
import { sentQuery } from "./queries.ts";
import type { SpeechEntry } from "./state.ts";

interface Looked {
  call: number;
  agent: string;
  attempts: number;
}

const Look = createContext<((at: Looked) => void) | null>(null);

/** Around a timeline: its parts come and go as it scrolls, and must not take with them what is read. */
export function ShowsSent({ run, children }: { run: number; children: ReactNode }) {
  const [looked, setLooked] = useState<Looked | null>(null);
  const look = useCallback((at: Looked) => setLooked(at), []);
  return (
    <Look value={look}>
      {children}
      {looked && <SentSheet run={run} looked={looked} onClose={() => setLooked(null)} />}
    </Look>
  );
}

/** Opens what the agent saw when it said this. */
export function SentButton({ speech }: { speech: SpeechEntry }) {
  const look = use(Look);
  if (!look || !speech.kept) return null;
  const { call, agent } = speech;
  // An attempt that waits for its moment has not been sent yet.
  const attempts = speech.retryAt === null ? speech.attempt : speech.attempt - 1;
  return (
    <button
      type="button"
      onClick={() => look({ call, agent, attempts })}
      aria-label={`What ${agent} saw`}
      title={`What ${agent} saw`}
      className="grid size-6 place-items-center rounded text-faint hover:bg-well hover:text-ink"
    >
      <Icon name="eye" />
    </button>
  );
}

function SentSheet({ run, looked, onClose }: { run: number; looked: Looked; onClose: () => void }) {
  const [attempt, setAttempt] = useState(looked.attempts);
  const sent = useQuery(sentQuery(run, looked.call, attempt));
  return (
    <Sheet
      title={
        <>
          What <AgentName agent={looked.agent} /> saw
        </>
      }
      detail={sent.data && `${count(sent.data.messages.length, "message")}, sent to the model ${sent.data.model}`}
      actions={
        <>
          {looked.attempts > 1 && <Attempts attempts={looked.attempts} chosen={attempt} onChoose={setAttempt} />}
          {sent.data && <CopyButton text={asText(sent.data)} what={`what ${looked.agent} saw`} />}
        </>
      }
      onClose={onClose}
    >
      {sent.isPending && <Loading rows={4} height="h-24" />}
      {sent.isError && <ProblemCard error={sent.error} onRetry={() => sent.refetch()} />}
      {sent.data && (
        <RemembersFolds>
          <ol className="space-y-4">
            {sent.data.messages.map((message, index) => (
              <li key={index}>
                <Message message={message} agent={looked.agent} place={index} />
              </li>
            ))}
          </ol>
        </RemembersFolds>
      )}
    </Sheet>
  );
}

interface AttemptsProps {
  attempts: number;
  chosen: number;
  onChoose: (attempt: number) => void;
}

function Attempts({ attempts, chosen, onChoose }: AttemptsProps) {
  return (
    <div role="group" aria-label="Attempt" className="flex flex-wrap gap-1">
      {Array.from({ length: attempts }, (_, index) => index + 1).map((attempt) => (
        <Button
          key={attempt}
          small
          weight={attempt === chosen ? "plain" : "quiet"}
          aria-pressed={attempt === chosen}
          aria-label={`Attempt ${attempt}`}
          onClick={() => onChoose(attempt)}
        >
          {attempt}
        </Button>
      ))}
    </div>
  );
}

function Message({ message, agent, place }: { message: SentMessage; agent: string; place: number }) {
  switch (message.role) {
    case "system":
      return (
        <Block title="Who it is and what it can do">
          <Words text={message.text} />
          {message.tools && message.tools.length > 0 && <Tools message={message} place={place} />}
          {message.must_call != null && (
            <p className="mt-2 text-warn">
              It must call <Code>{message.must_call}</Code> now.
            </p>
          )}
        </Block>
      );
    case "user":
      return (
        <Block title="It was told">
          <Words text={message.text} />
        </Block>
      );
    case "agent":
      return (
        <Block title={<AgentName agent={agent} />} marked>
          {message.text && <Words text={message.text} />}
          {(message.tool_calls ?? []).map((call) => (
            <div key={call.id} className="mt-2 first:mt-0">
              <p className="mb-1 text-dim">
                calls <Code>{call.tool}</Code>
              </p>
              <ValueBlock text={valueText(call.arguments)} />
            </div>
          ))}
        </Block>
      );
    case "tools":
      return (
        <Block title="Its tools gave">
          {message.results.map((result, index) => (
            <div key={index} className="mt-2 first:mt-0">
              <p className="mb-1">
                <Code>{result.tool}</Code> {result.failed && <span className="text-warn">failed</span>}
              </p>
              <ValueBlock text={result.text} />
            </div>
          ))}
        </Block>
      );
  }
}

function Tools({ message, place }: { message: SentMessage & { role: "system" }; place: number }) {
  const tools = message.tools ?? [];
  return (
    <div className="mt-3">
      <Folded id={`tools-${place}`} title={count(tools.length, "tool")}>
        <ul className="space-y-3">
          {tools.map((tool) => (
            <li key={tool.name}>
              <p className="mb-1">
                <Code>{tool.name}</Code> {tool.description}
              </p>
              <ValueBlock text={valueText(tool.parameters)} />
            </li>
          ))}
        </ul>
      </Folded>
    </div>
  );
}

function Block({ title, marked = false, children }: { title: ReactNode; marked?: boolean; children: ReactNode }) {
  return (
    <section className={`border-l-2 pl-3 sm:pl-4 ${marked ? "border-accent" : "border-line-strong"}`}>
      <h3 className="mb-1 text-xs font-semibold text-dim">{title}</h3>
      {children}
    </section>
  );
}

/** Word for word as it was sent: what is markdown in it stays as it stands. */
function Words({ text }: { text: string }) {
  return <p className="leading-6 whitespace-pre-wrap wrap-anywhere">{text}</p>;
}

/** The whole as one text, to be taken elsewhere. */
function asText(sent: CallSent): string {
  return sent.messages.map((message) => `## ${message.role}\n\n${partsOf(message).filter(Boolean).join("\n\n")}`).join("\n\n");
}

function partsOf(message: SentMessage): string[] {
  switch (message.role) {
    case "system":
      return [message.text, ...(message.tools ?? []).map((tool) => `${tool.name}: ${tool.description}`)];
    case "user":
      return [message.text];
    case "agent":
      return [
        message.text ?? "",
        ...(message.tool_calls ?? []).map((call) => `${call.tool} ${JSON.stringify(call.arguments)}`),
      ];
    case "tools":
      return message.results.map((result) => `${result.tool}${result.failed ? " (failed)" : ""}: ${result.text}`);
  }
}
