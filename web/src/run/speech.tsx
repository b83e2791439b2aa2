// One model call in the timeline: what an agent says, as it is written and when it is finished.

import type { ToolCall } from "../api/model.ts";
import { agentInk, AgentName, Avatar } from "../ui/agent.tsx";
import { Folded, ValueBlock } from "../ui/folded.tsx";
import { dollars, duration, number, shortNumber, valueText } from "../ui/format.ts";
import { Icon } from "../ui/icon.tsx";
import { Markdown } from "../ui/markdown.tsx";
import { Simulated } from "../ui/simulated.tsx";
import { Until } from "../ui/time.tsx";
import { EntryClock } from "./entry-place.tsx";
import { Failures } from "./failures.tsx";
import { useSimulated } from "./models.ts";
import { SentButton } from "./saw.tsx";
import type { SpeechEntry } from "./state.ts";

export function Speech({ speech }: { speech: SpeechEntry }) {
  const isSimulated = useSimulated();
  return (
    <article aria-label={`${speech.agent} says`} className="flex gap-3 py-2.5">
      <Avatar agent={speech.agent} />
      <div className="min-w-0 flex-1">
        <header className="flex min-h-5 flex-wrap items-center gap-x-2 gap-y-0.5">
          <AgentName agent={speech.agent} />
          {isSimulated(speech.model) && <Simulated />}
          <span className="flex flex-wrap items-center gap-x-2 text-xs text-faint">
            <EntryClock at={speech.at} />
            <span>{speech.model}</span>
            <TurnWords speech={speech} />
          </span>
          <span className="ml-auto flex items-center gap-1.5">
            <Used speech={speech} />
            <SentButton speech={speech} />
          </span>
        </header>
        <Failures speech={speech} />
        <Words speech={speech} />
        {speech.untold.map((call) => (
          <Call key={call.id} call={call} of={speech.call} />
        ))}
      </div>
    </article>
  );
}

function Used({ speech }: { speech: SpeechEntry }) {
  if (!speech.usage) return null;
  return (
    <span
      className="text-xs whitespace-nowrap text-faint"
      title={`${number(speech.usage.input_tokens)} tokens read, ${number(speech.usage.output_tokens)} written`}
    >
      {shortNumber(speech.usage.input_tokens + speech.usage.output_tokens)} tokens
      {speech.usage.cost_usd > 0 && <> · {dollars(speech.usage.cost_usd)}</>}
      {speech.durationMs !== null && <> · {duration(speech.durationMs)}</>}
    </span>
  );
}

function TurnWords({ speech }: { speech: SpeechEntry }) {
  const { turn, attempt } = speech;
  return (
    <>
      {turn && turn.phase !== "default" && <span>{turn.phase} phase</span>}
      {turn && turn.cycle > 1 && <span>cycle {turn.cycle}</span>}
      {attempt > 1 && <span className="text-warn">attempt {attempt}</span>}
      {speech.compacts && <span>sums up its conversation</span>}
      {speech.maxTokens !== null && (
        <span title={speech.reservedUsd === null ? undefined : `${dollars(speech.reservedUsd)} are set aside for it`}>
          at most {shortNumber(speech.maxTokens)} tokens
        </span>
      )}
      {/* Once it is answered its price is known. */}
      {speech.reservedUsd !== null && speech.usage === null && <span>{dollars(speech.reservedUsd)} set aside</span>}
    </>
  );
}

function Words({ speech }: { speech: SpeechEntry }) {
  const patchy = speech.patchy && (
    <p className="mt-1 text-xs text-faint">Some words were missed here. The whole text follows when it is finished.</p>
  );
  switch (speech.state) {
    case "waiting":
      return speech.retryAt === null ? (
        <p className="mt-1 text-dim">
          <span className="caret" style={{ "--caret": agentInk(speech.agent) } as React.CSSProperties}>
            Thinking
          </span>
        </p>
      ) : (
        <p className="mt-1.5 flex items-center gap-1.5 text-warn">
          <Icon name="retry" />
          <span>
            Tries again in <Until at={Date.parse(speech.retryAt)} />, attempt {speech.attempt}
          </span>
        </p>
      );
    case "writing":
      return (
        <>
          {patchy}
          <div className="mt-0.5 [&>.prose>:last-child]:caret" style={{ "--caret": agentInk(speech.agent) } as React.CSSProperties}>
            <Markdown text={speech.text} />
          </div>
        </>
      );
    case "cut":
      return (
        <>
          {speech.text !== "" && <Markdown text={speech.text} className="mt-0.5 text-dim" />}
          <p className="mt-1 flex items-center gap-1.5 text-xs text-dim">
            <Icon name="stopped" /> {speech.text === "" ? "Cut off when the run ended" : "Partial text: cut off here when the run ended"}
          </p>
        </>
      );
    case "failed":
      return null;
    case "finished":
      // The event of the summary has it, with what it stands for.
      if (speech.compacts) return null;
      if (speech.text !== "") return <Markdown text={speech.text} className="mt-0.5" />;
      return <p className="mt-0.5 text-faint">Without words: {toolWords(speech.toolCalls)}</p>;
  }
}

function toolWords(calls: ToolCall[]): string {
  return calls.length === 0 ? "an empty answer" : calls.map((call) => call.tool).join(", ");
}

function Call({ call, of }: { call: ToolCall; of: number }) {
  return (
    <div className="mt-1.5 flex gap-1.5">
      <Icon name="tool" className="mt-0.5 text-faint" />
      <Folded id={`tool-${of}-${call.id}`} title={<>Calls <code className="font-mono text-xs">{call.tool}</code></>}>
        <ValueBlock text={valueText(call.arguments)} />
      </Folded>
    </div>
  );
}
