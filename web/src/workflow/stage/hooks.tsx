// The tools that run at a stage's entry and exit, outside of any turn.

import type { Wrong } from "../../api/model.ts";
import { under } from "../../part/check.ts";
import { toolNames } from "../../team/tools.ts";
import { Button } from "../../ui/button.tsx";
import { Choose, Mistakes, TextInput, Toggle } from "../../ui/field.tsx";
import { Icon } from "../../ui/icon.tsx";
import { JsonField } from "../../ui/json-field.tsx";
import { withField, type HookDraft } from "../edit/draft.ts";
import { useEditor } from "../edit/editor.ts";
import type { StageFieldsProps } from "./panel.tsx";

const PLACES = [
  ["entry", "At its entry"],
  ["exit", "At its exit"],
] as const;

export function Hooks({ stage, wrong, set }: StageFieldsProps) {
  const { project } = useEditor();
  const tools = toolNames(Object.keys(project.tools ?? {}).map((name) => ({ name })));
  return (
    <div className="space-y-4">
      {PLACES.map(([place, words]) => {
        const hooks = stage[place] ?? [];
        return (
          <section key={place} aria-label={words} className="space-y-2">
            <h5 className="text-xs text-dim">{words}</h5>
            {hooks.map((hook, at) => (
              <HookFields
                key={at}
                hook={hook}
                tools={tools}
                isExit={place === "exit"}
                wrong={under(wrong, `${place}[${at}]`)}
                onHook={(to) => set(place, hooks.with(at, to))}
                onRemove={() => set(place, hooks.toSpliced(at, 1))}
              />
            ))}
            <Button small onClick={() => set(place, [...hooks, { tool: tools[0] ?? "", arguments: {} }])}>
              <Icon name="plus" className="!size-3.5" />
              Add a hook
            </Button>
          </section>
        );
      })}
    </div>
  );
}

interface HookFieldsProps {
  hook: HookDraft;
  tools: string[];
  isExit: boolean;
  wrong: Wrong[];
  onHook: (hook: HookDraft) => void;
  onRemove: () => void;
}

function HookFields({ hook, tools, isExit, wrong, onHook, onRemove }: HookFieldsProps) {
  const set = <K extends keyof HookDraft>(field: K, value: HookDraft[K] | undefined) => onHook(withField(hook, field, value));
  const of = (field: string) => under(wrong, field);
  return (
    <div className="space-y-3 rounded-md border border-line p-3">
      <div className="text-xs">
        <Mistakes of={wrong.filter((one) => one.path === "")} />
      </div>
      <div className="grid gap-3 sm:grid-cols-2">
        <Choose label="Tool" value={hook.tool} options={tools} onValue={(tool) => onHook({ ...hook, tool })} wrong={of("tool")} />
        <TextInput label="Its result goes into" mono value={hook.key ?? ""} onValue={(key) => set("key", key)} wrong={of("key")} placeholder="a key of shared memory" />
      </div>
      <JsonField
        label="Arguments"
        value={hook.arguments ?? {}}
        empty={{}}
        placeholder='{ "city": "{{ input }}" }'
        wrong={of("arguments")}
        onValue={(value) => set("arguments", value as Record<string, unknown>)}
      />
      <Choose
        label="When it fails"
        value={hook.on_failure ?? "error"}
        options={[
          ["error", "the stage ends in error"],
          ["continue", "the stage goes on"],
        ]}
        onValue={(to) => set("on_failure", to === "error" ? undefined : to)}
        wrong={of("on_failure")}
      />
      {isExit && <Toggle label="Always, even when the run is stopped or fails" checked={hook.always ?? false} onValue={(always) => set("always", always)} wrong={of("always")} />}
      <Button small weight="quiet" onClick={onRemove}>
        <Icon name="trash" className="!size-3.5" />
        Remove the hook
      </Button>
    </div>
  );
}
