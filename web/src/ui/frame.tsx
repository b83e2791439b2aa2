// What is around every page: the name, the two places to go, and the theme.

import { Link, Outlet } from "@tanstack/react-router";
import { useEffect, useState } from "react";

import { listen } from "../frame/keys.ts";
import { Icon, type IconName } from "./icon.tsx";
import { chooseTheme, chosenTheme, type Theme } from "./theme.ts";

export function Frame() {
  useEffect(listen, []);
  return (
    <div className="flex h-dvh flex-col">
      <a
        href="#main"
        className="absolute -top-10 left-2 z-20 rounded-md bg-accent px-3 py-1.5 text-on-accent focus:top-1.5"
      >
        Skip to content
      </a>
      <header className="flex h-12 shrink-0 items-center gap-1 border-b border-line bg-panel px-3 sm:px-5">
        <Link to="/" className="mr-3 flex items-center gap-2 text-base font-semibold tracking-tight sm:mr-5">
          <img src="/callboard.svg" alt="" width="22" height="22" />
          Callboard
        </Link>
        <nav aria-label="Main" className="flex items-center gap-1">
          <Place to="/" name="Projects" exact />
          <Place to="/runs" name="Runs" exact={false} />
        </nav>
        <ThemeButton />
      </header>
      <main id="main" tabIndex={-1} className="min-h-0 flex-1 overflow-y-auto outline-none">
        <Outlet />
      </main>
    </div>
  );
}

function Place({ to, name, exact }: { to: "/" | "/runs"; name: string; exact: boolean }) {
  return (
    <Link
      to={to}
      activeOptions={{ exact, includeSearch: false }}
      className="rounded-md px-2.5 py-1.5 text-dim hover:bg-well hover:text-ink"
      activeProps={{ className: "!text-ink font-medium bg-well" }}
    >
      {name}
    </Link>
  );
}

const NEXT: Record<Theme, Theme> = { system: "light", light: "dark", dark: "system" };
const LOOKS: Record<Theme, { icon: IconName; word: string }> = {
  system: { icon: "screen", word: "as the system" },
  light: { icon: "sun", word: "light" },
  dark: { icon: "moon", word: "dark" },
};

function ThemeButton() {
  const [theme, setTheme] = useState(chosenTheme);
  const words = `Theme: ${LOOKS[theme].word}. Change to ${LOOKS[NEXT[theme]].word}.`;
  const change = () => {
    chooseTheme(NEXT[theme]);
    setTheme(NEXT[theme]);
  };
  return (
    <button
      type="button"
      onClick={change}
      aria-label={words}
      title={words}
      className="ml-auto grid size-9 place-items-center rounded-md text-dim hover:bg-well hover:text-ink"
    >
      <Icon name={LOOKS[theme].icon} />
    </button>
  );
}

/** The body of a page that is read from top to bottom. */
export function Page({ children }: { children: React.ReactNode }) {
  return <div className="mx-auto w-full max-w-[90rem] px-3 py-5 sm:px-5 sm:py-7">{children}</div>;
}

/** Where this page is: the way back up. */
export function Trail({ children }: { children: React.ReactNode }) {
  return (
    <nav aria-label="Where you are" className="mb-1 flex min-w-0 flex-wrap items-center gap-1.5 text-xs text-faint [&_a]:rounded [&_a:hover]:text-ink [&_a:hover]:underline">
      {children}
    </nav>
  );
}
