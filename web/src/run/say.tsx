// A line in which a person says something to the agents while they work.

import { useMutation } from "@tanstack/react-query";
import { useId } from "react";

import { Button } from "../ui/button.tsx";
import { Icon } from "../ui/icon.tsx";
import { useKept } from "../ui/kept.ts";
import { ProblemLine } from "../ui/problem.tsx";
import { sayToAgents, WORDS_MAX } from "./queries.ts";

export function Say({ run }: { run: number }) {
  const [text, setText] = useKept(`say.${run}`, "");
  const id = useId();
  const send = useMutation({
    mutationFn: (words: string) => sayToAgents(run, words),
    onSuccess: () => setText(""),
  });
  const submit = () => {
    if (!send.isPending && text.trim() !== "") send.mutate(text.trim());
  };
  return (
    <form
      className="shrink-0 border-t border-line bg-panel px-3 py-2 sm:px-6"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <div className="mx-auto max-w-[56rem]">
        <div className="mb-1.5 empty:hidden">
          <ProblemLine error={send.error} />
        </div>
        <div className="flex gap-2">
          <label htmlFor={id} className="sr-only">
            Say something to the agents
          </label>
          <input
            id={id}
            value={text}
            onChange={(event) => setText(event.target.value)}
            placeholder="Say something to the agents"
            autoComplete="off"
            maxLength={WORDS_MAX}
            className="h-9 min-w-0 flex-1 rounded-md border border-line-strong bg-paper px-3 placeholder:text-faint"
          />
          <Button type="submit" aria-disabled={send.isPending || text.trim() === ""} aria-label="Send to the agents">
            <Icon name="send" />
            <span className="hidden sm:inline">Send</span>
          </Button>
        </div>
      </div>
      <p role="status" className="sr-only">
        {send.isSuccess && text === "" ? "Sent. The agents read it at their next turn." : ""}
      </p>
    </form>
  );
}
