// Gives a run that goes on other limits, before it comes to those that it has.

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import type { Limits } from "../api/model.ts";
import { mistakesOf } from "../part/queries.ts";
import { Button } from "../ui/button.tsx";
import { ProblemLine } from "../ui/problem.tsx";
import { LimitFields } from "../workflow/limit-fields.tsx";
import { changeLimits } from "./queries.ts";

export function OtherLimits({ run }: { run: number }) {
  const [limits, setLimits] = useState<Limits>({});
  const queries = useQueryClient();
  const send = useMutation({
    mutationFn: () => changeLimits(run, limits),
    onSuccess: async () => {
      setLimits({});
      await queries.invalidateQueries({ queryKey: ["run", run], exact: true });
    },
  });
  const saysNothing = Object.keys(limits).length === 0;
  const wrong = mistakesOf(send.error);
  return (
    <form
      noValidate
      aria-label="Other limits"
      onSubmit={(event) => {
        event.preventDefault();
        if (!saysNothing && !send.isPending) send.mutate();
      }}
    >
      <LimitFields
        limits={limits}
        onLimits={(to) => (setLimits(to), send.reset())}
        none="as it is"
        usual="does as it was told before"
        wrong={wrong}
      />
      <div className="mt-3 flex items-center gap-3">
        <Button type="submit" disabled={saysNothing || send.isPending}>
          {send.isPending ? "Setting them…" : "Set these limits"}
        </Button>
        <span role="status" className="text-xs text-good">
          {send.isSuccess && saysNothing && "They hold now."}
        </span>
      </div>
      <div className="mt-2 empty:hidden">{wrong.length === 0 && <ProblemLine error={send.error} />}</div>
    </form>
  );
}
