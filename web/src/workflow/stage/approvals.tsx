// When a person has to approve, and what follows where nobody does or someone does not.

import { under } from "../../part/check.ts";
import { Choose, NumberInput, Toggle, type Option } from "../../ui/field.tsx";
import { withField, type ApprovalDraft } from "../edit/draft.ts";
import { useEditor } from "../edit/editor.ts";
import type { StageFieldsProps } from "./panel.tsx";

const WHENS = [
  ["before", "Before the stage"],
  ["after", "After the stage"],
] as const;

export function Approvals({ stage, index, wrong, set }: StageFieldsProps) {
  const { stages } = useEditor().workflow;
  const all = stage.approval ?? [];
  const put = (when: ApprovalDraft["when"], approval: ApprovalDraft | null) => {
    const others = all.filter((one) => one.when !== when);
    // Before stands before after, whichever was asked for first.
    const next = WHENS.flatMap(([one]) => (one === when ? (approval ? [approval] : []) : others.filter((other) => other.when === one)));
    set("approval", next);
  };
  const leads: Option[] = [
    ["error", "the run ends in error"],
    ["next", "on to the next stage"],
    ["end", "the run ends"],
    ...stages.map((one, at): Option => [one.id, `${at < index ? "back to" : at === index ? "again" : "on to"} ${one.name}`]),
  ];
  return (
    <div className="space-y-3">
      {WHENS.map(([when, words]) => {
        const at = all.findIndex((one) => one.when === when);
        const approval = all[at];
        const of = (field: string) => under(wrong, `approval[${at}].${field}`).concat(all.length === 1 ? under(wrong, `approval.${field}`) : []);
        return (
          <div key={when} className="rounded-md border border-line p-3">
            <Toggle label={`${words}, a person approves`} checked={approval !== undefined} onValue={(on) => put(when, on ? { when } : null)} wrong={under(wrong, `approval[${at}]`).filter((one) => one.path === "")} />
            {approval && (
              <div className="mt-3 grid gap-3 sm:grid-cols-2">
                <Choose
                  label="A rejection leads"
                  value={approval.on_reject ?? "error"}
                  options={leads}
                  onValue={(to) => put(when, withField(approval, "on_reject", to === "error" ? undefined : to))}
                  wrong={of("on_reject")}
                />
                <NumberInput label="Waits at most, in seconds" min={1} value={approval.timeout_s} onValue={(to) => put(when, withField(approval, "timeout_s", to))} placeholder="for ever" wrong={of("timeout_s")} />
                {approval.timeout_s !== undefined && (
                  <Choose
                    label="Then it counts as"
                    value={approval.on_timeout ?? "reject"}
                    options={[
                      ["reject", "rejected"],
                      ["approve", "approved"],
                    ]}
                    onValue={(to) => put(when, withField(approval, "on_timeout", to === "reject" ? undefined : to))}
                    wrong={of("on_timeout")}
                  />
                )}
              </div>
            )}
          </div>
        );
      })}
    </div>
  );
}
