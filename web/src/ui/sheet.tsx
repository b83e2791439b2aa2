// Something long to read, laid over the page: it scrolls by itself, and closing it leads back to where
// one was.

import { Dialog } from "radix-ui";
import { useRef, type ReactNode } from "react";

import { Button } from "./button.tsx";
import { Icon } from "./icon.tsx";

interface SheetProps {
  title: ReactNode;
  /** What stands beside the title: where it comes from, and what can be done with it. */
  actions?: ReactNode;
  detail?: ReactNode;
  children: ReactNode;
  onClose: () => void;
}

export function Sheet({ title, actions, detail, children, onClose }: SheetProps) {
  const opener = useRef<Element | null>(null);
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-30 bg-black/45" />
        <Dialog.Content
          aria-describedby={undefined}
          onOpenAutoFocus={() => {
            opener.current = document.activeElement;
          }}
          onCloseAutoFocus={(event) => {
            // What opened it is no trigger of the dialog's own, which would find back by itself.
            event.preventDefault();
            if (opener.current instanceof HTMLElement) opener.current.focus({ preventScroll: true });
          }}
          className="card fixed top-1/2 left-1/2 z-40 flex max-h-[calc(100dvh-1.5rem)] w-[min(60rem,calc(100vw-1.5rem))] -translate-1/2 flex-col overflow-hidden shadow-xl outline-none"
        >
          <header className="flex shrink-0 flex-wrap items-center gap-x-3 gap-y-1 border-b border-line py-2 pr-2 pl-4 sm:pl-5">
            <div className="min-w-0 flex-1">
              <Dialog.Title className="text-base font-semibold wrap-anywhere">{title}</Dialog.Title>
              {detail && <p className="text-xs text-dim">{detail}</p>}
            </div>
            {actions}
            <Dialog.Close asChild>
              <Button weight="quiet" small aria-label="Close">
                <Icon name="close" />
              </Button>
            </Dialog.Close>
          </header>
          <div tabIndex={0} className="min-h-0 flex-1 overflow-y-auto p-4 outline-offset-[-2px] sm:p-5">
            {children}
          </div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
