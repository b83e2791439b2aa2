// Says hello to a model or asks it something, and shows what came back: its words, or the provider's own about why not.

import { useMutation } from "@tanstack/react-query";
import { useState } from "react";

import { ask, client, Refused } from "../api/client.ts";
import type { Model } from "../api/model.ts";
import { Button } from "../ui/button.tsx";
import { TextInput } from "../ui/field.tsx";
import { dollars, duration, number } from "../ui/format.ts";
import { Icon } from "../ui/icon.tsx";
import { Simulated } from "../ui/simulated.tsx";

export function useTry(model: Model) {
  const trying = useMutation({
    mutationFn: (text?: string) =>
      ask(client.POST("/api/v1/models/{id}/try", { params: { path: { id: model.id } }, body: text === undefined ? {} : { text } })),
  });
  const button = (
    <Button small onClick={() => trying.mutate(undefined)} disabled={trying.isPending} aria-label={`Say hello to ${model.name}`}>
      <Icon name={trying.isPending ? "running" : "message"} className="!size-3.5" />
      {trying.isPending ? "Waiting…" : "Say hello"}
    </Button>
  );
  const answer = (
    <div aria-live="polite" className="empty:hidden">
      {trying.data && (
        <div className="mt-3 rounded-md bg-good-soft px-3 py-2">
          <p className="flex flex-wrap items-center gap-x-2 text-xs text-good">
            <Icon name="completed" className="!size-3.5" /> It answers, after {duration(trying.data.duration_ms)}
            {trying.data.usage && (
              <>
                {" · "}
                {number(trying.data.usage.input_tokens + trying.data.usage.output_tokens)} tokens
                {trying.data.usage.cost_usd > 0 && <> · {dollars(trying.data.usage.cost_usd)}</>}
              </>
            )}
            {model.provider === "simulated" && <Simulated />}
          </p>
          <p className="mt-1 line-clamp-6 whitespace-pre-line wrap-anywhere">{trying.data.text || "It said nothing."}</p>
        </div>
      )}
      {trying.error && <NoAnswer error={trying.error} />}
      {/* It stays while an answer is waited for, so that one can go on asking. */}
      {(trying.data || trying.variables !== undefined) && <Ask name={model.name} busy={trying.isPending} onAsk={(text) => trying.mutate(text)} />}
    </div>
  );
  return { button, answer };
}

/** Characters of a question, as the server has it. */
const ASK_MAX = 2000;

function Ask({ name, busy, onAsk }: { name: string; busy: boolean; onAsk: (text: string) => void }) {
  const [text, setText] = useState("");
  return (
    <form
      className="mt-2 flex items-end gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim() !== "" && !busy) onAsk(text.trim());
      }}
    >
      <div className="min-w-0 flex-1">
        <TextInput bare label={`Ask ${name} something`} placeholder="Ask it something" maxLength={ASK_MAX} value={text} onValue={setText} />
      </div>
      <Button type="submit" className="!h-9" small disabled={text.trim() === "" || busy}>
        Ask
      </Button>
    </form>
  );
}

function NoAnswer({ error }: { error: unknown }) {
  const problem = error instanceof Refused ? error.problem : null;
  return (
    <div role="alert" className="mt-3 rounded-md bg-bad-soft px-3 py-2">
      <p className="flex items-start gap-2 font-medium text-bad">
        <Icon name="error" className="mt-0.5" />
        {problem?.detail ?? String(error)}
      </p>
      {problem?.provider_message && (
        <blockquote className="mt-1.5 border-l-2 border-bad/40 pl-3">
          <p className="eyebrow">The provider says</p>
          <p className="font-mono text-xs leading-5 wrap-anywhere whitespace-pre-line">{problem.provider_message}</p>
        </blockquote>
      )}
      {problem?.hint && <p className="mt-1.5 text-dim">{problem.hint}</p>}
      {problem && <p className="mt-1 font-mono text-xs text-dim">{problem.code}</p>}
    </div>
  );
}
