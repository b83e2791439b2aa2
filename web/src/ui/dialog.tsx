// A question that has to be answered before something is done that cannot be undone.

import { AlertDialog } from "radix-ui";
import type { ReactNode } from "react";

import { Button, buttonLook, type Weight } from "./button.tsx";
import { focusMainIfLost } from "./focus.ts";

interface ConfirmProps {
  /** The button that asks for it. */
  trigger: ReactNode;
  title: string;
  children: ReactNode;
  /** What the button that does it says. */
  confirm: string;
  /** How it looks, where what it does can be undone. */
  weight?: Weight;
  onConfirm: () => void;
}

export function Confirm({ trigger, title, children, confirm, weight = "danger", onConfirm }: ConfirmProps) {
  return (
    <AlertDialog.Root>
      <AlertDialog.Trigger asChild>{trigger}</AlertDialog.Trigger>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className="fixed inset-0 z-30 bg-black/45" />
        <AlertDialog.Content
          aria-describedby={undefined}
          // The button that asked gets the focus back, unless it is gone with what it stood for.
          onCloseAutoFocus={() => queueMicrotask(focusMainIfLost)}
          className="card fixed top-1/2 left-1/2 z-40 w-[min(28rem,calc(100vw-2rem))] -translate-1/2 p-5 shadow-xl"
        >
          <AlertDialog.Title className="text-base font-semibold">{title}</AlertDialog.Title>
          <div className="mt-2 text-dim">{children}</div>
          <div className="mt-5 flex justify-end gap-2">
            <AlertDialog.Cancel asChild>
              <Button>Cancel</Button>
            </AlertDialog.Cancel>
            <AlertDialog.Action className={buttonLook(weight)} onClick={onConfirm}>
              {confirm}
            </AlertDialog.Action>
          </div>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
