// What pages are laid out with: the body that is read from top to bottom, and the way back up.

import type { ReactNode } from "react";

/** The body of a page that is read from top to bottom. */
export function Page({ children }: { children: ReactNode }) {
  return <div className="mx-auto w-full max-w-[90rem] px-3 py-5 sm:px-5 sm:py-7">{children}</div>;
}

/** Where this page is: the way back up. */
export function Trail({ children }: { children: ReactNode }) {
  return (
    <nav aria-label="Where you are" className="mb-1 flex min-w-0 flex-wrap items-center gap-1.5 text-xs text-faint [&_a]:rounded [&_a:hover]:text-ink [&_a:hover]:underline">
      {children}
    </nav>
  );
}
