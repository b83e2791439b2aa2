// Goes anywhere by a part of its name: a project, a workflow, a page of one, a run by its number.

import { useNavigate } from "@tanstack/react-router";
import { Dialog } from "radix-ui";
import { useId, useState, type KeyboardEvent } from "react";

import { Icon } from "../ui/icon.tsx";
import { matching, usePlaces, type PlaceToGo } from "./places.ts";

/** What is shown of a long list: who looks for more types another letter. */
const SHOWN = 12;

export function Search({ onClose }: { onClose: () => void }) {
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const id = useId();
  const navigate = useNavigate();
  const found = matching(usePlaces(), text).slice(0, SHOWN);
  const chosen = Math.min(at, found.length - 1);
  const go = (place: PlaceToGo | undefined) => {
    if (!place) return;
    onClose();
    void navigate({ to: place.to });
  };
  const press = (event: KeyboardEvent) => {
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 };
    const step = steps[event.key];
    if (step !== undefined && found.length > 0) {
      event.preventDefault();
      setAt((chosen + step + found.length) % found.length);
    }
    if (event.key === "Enter") {
      event.preventDefault();
      go(found[chosen]);
    }
  };
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-30 bg-black/45" />
        <Dialog.Content
          aria-describedby={undefined}
          className="card fixed top-[12vh] left-1/2 z-40 w-[min(36rem,calc(100vw-1.5rem))] -translate-x-1/2 overflow-hidden shadow-xl"
        >
          <Dialog.Title className="sr-only">Go to</Dialog.Title>
          <input
            type="text"
            role="combobox"
            aria-expanded="true"
            aria-controls={`${id}-list`}
            aria-activedescendant={found.length > 0 ? `${id}-${chosen}` : undefined}
            aria-label="Go to"
            placeholder="A project, a workflow, a page, the number of a run"
            autoFocus
            value={text}
            onChange={(event) => (setText(event.target.value), setAt(0))}
            onKeyDown={press}
            className="block h-12 w-full border-b border-line bg-transparent px-4 text-base placeholder:text-faint focus-visible:outline-none"
          />
          <ul id={`${id}-list`} role="listbox" aria-label="Places" className="max-h-[50vh] overflow-y-auto p-1.5">
            {found.map((place, index) => (
              <li
                key={place.to}
                id={`${id}-${index}`}
                role="option"
                aria-selected={index === chosen}
                onClick={() => go(place)}
                onMouseMove={() => setAt(index)}
                className={`flex cursor-pointer items-center justify-between gap-3 rounded-md px-2.5 py-1.5 ${index === chosen ? "bg-accent-soft" : ""}`}
              >
                <span className="min-w-0 truncate">{place.name}</span>
                <span className="shrink-0 text-xs text-dim">{place.kind}</span>
              </li>
            ))}
          </ul>
          {found.length === 0 && (
            <p role="status" className="flex items-center gap-2 px-4 pt-2 pb-4 text-dim">
              <Icon name="info" /> Nothing here has that in its name.
            </p>
          )}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
