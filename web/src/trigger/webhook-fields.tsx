// The fields of a trigger that fires when its address is called.

import { useQuery } from "@tanstack/react-query";

import type { Wrong } from "../api/model.ts";
import { under } from "../part/check.ts";
import { secretsQuery } from "../project/queries.ts";
import { Choose, TextArea, TextInput } from "../ui/field.tsx";
import type { WebhookFields } from "./trigger.ts";

interface WebhookFieldsetProps {
  project: number;
  webhook: WebhookFields;
  wrong: Wrong[];
  set: (change: Partial<WebhookFields>) => void;
}

export function WebhookFieldset({ project, webhook, wrong, set }: WebhookFieldsetProps) {
  const secrets = useQuery(secretsQuery(project)).data?.items.map((secret) => secret.name) ?? [];
  const of = (field: string) => under(wrong, field);
  return (
    <>
      <div className="grid gap-3 sm:grid-cols-2">
        <Choose
          label="The sender proves itself by"
          value={webhook.verify ?? ""}
          options={[
            ["", "the address alone, which is secret"],
            ["github", "GitHub's signature"],
            ["standard-webhooks", "a signature of Standard Webhooks"],
            ["header", "a secret in a header"],
          ]}
          onValue={(to) => set(to === "" ? { verify: undefined, secret: undefined, header: undefined } : { verify: to, secret: webhook.secret ?? { secret: secrets[0] ?? "" } })}
          wrong={of("verify")}
        />
        {webhook.verify === "header" && (
          <TextInput label="In the header" mono value={webhook.header ?? ""} onValue={(header) => set({ header })} wrong={of("header")} placeholder="the usual ones" />
        )}
        {webhook.verify && (
          <Choose
            label="With the secret"
            value={webhook.secret?.secret ?? ""}
            options={secrets}
            onValue={(name) => set({ secret: { secret: name } })}
            wrong={of("secret")}
            about={secrets.length === 0 ? "The project has no secret yet: its settings have a form that sets one." : undefined}
          />
        )}
      </div>
      <TextArea label="Input" mono value={webhook.input ?? ""} onValue={(input) => set({ input })} wrong={of("input")} placeholder="{{ body.ref }}" about="A template over body and headers. Without one the whole body is the input." rows={2} />
      <TextInput label="Only when" mono value={webhook.when ?? ""} onValue={(when) => set({ when })} wrong={of("when")} placeholder="body.ref == 'refs/heads/main'" about="Calls for which this is not so start nothing." />
      <ConcurrencyFields concurrency={webhook.concurrency} wrong={of("concurrency")} set={(concurrency) => set({ concurrency })} />
    </>
  );
}

type Concurrency = NonNullable<WebhookFields["concurrency"]>;

interface ConcurrencyProps {
  concurrency: Concurrency | undefined;
  wrong: Wrong[];
  set: (concurrency: Concurrency | undefined) => void;
}

/** Which runs do not go beside each other. What becomes of the others is asked only where there is a key. */
function ConcurrencyFields({ concurrency, wrong, set }: ConcurrencyProps) {
  return (
    <div className="grid gap-3 sm:grid-cols-2">
      <TextInput
        label="One run at a time for each"
        mono
        value={concurrency?.key ?? ""}
        onValue={(key) => set(key === "" ? undefined : { ...concurrency, key })}
        wrong={wrong.filter(({ path }) => path === "" || path === "key")}
        placeholder="{{ body.ref }}"
        about="A template: calls that fill it in alike share a key. Without one, all runs go beside each other."
      />
      {concurrency && (
        <Choose
          label="When a run of its key is going"
          value={concurrency.policy ?? "queue"}
          options={[
            ["queue", "the newest waits for it"],
            ["newest", "it is stopped for the newest"],
          ]}
          onValue={(policy) => set({ ...concurrency, policy })}
          wrong={under(wrong, "policy")}
          about="One that waits already makes room for a newer one."
        />
      )}
    </div>
  );
}
