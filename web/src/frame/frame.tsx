// What is around every page: the name, where to go, the search, the keys and the theme.

import { Link, Outlet, useNavigate } from "@tanstack/react-router";
import { useEffect, useState, type ReactNode } from "react";

import { Icon, type IconName } from "../ui/icon.tsx";
import { chooseTheme, chosenTheme, type Theme } from "../ui/theme.ts";
import { KeysHelp, Keys } from "./keys-help.tsx";
import { listen, useShortcuts } from "./keys.ts";
import { Search } from "./search.tsx";

export function Frame() {
  const [over, setOver] = useState<"search" | "keys" | null>(null);
  const navigate = useNavigate();
  useEffect(listen, []);
  useShortcuts("Anywhere", [
    { keys: "/", words: "Search, and go there", run: () => setOver("search") },
    { keys: "Mod+k", words: "The same, while writing too", whileWriting: true, run: () => setOver("search") },
    { keys: "?", words: "Show the keys", run: () => setOver("keys") },
    { keys: "g p", words: "Go to the projects", run: () => void navigate({ to: "/" }) },
    { keys: "g r", words: "Go to the runs", run: () => void navigate({ to: "/runs" }) },
    { keys: "g n", words: "Begin a new project", run: () => void navigate({ to: "/new" }) },
  ]);
  return (
    <div className="flex h-dvh flex-col">
      <a
        href="#main"
        className="absolute -top-10 left-2 z-20 rounded-md bg-accent px-3 py-1.5 text-on-accent focus:top-1.5"
      >
        Skip to content
      </a>
      <header className="flex h-12 shrink-0 items-center gap-1 border-b border-line bg-panel px-3 sm:px-5">
        <Link to="/" className="mr-2 flex items-center gap-2 text-base font-semibold tracking-tight sm:mr-5">
          <img src="/callboard.svg" alt="" width="22" height="22" />
          <span className="max-[22rem]:sr-only">Callboard</span>
        </Link>
        <nav aria-label="Main" className="flex items-center gap-1">
          <Place to="/" name="Projects" exact />
          <Place to="/runs" name="Runs" exact={false} />
        </nav>
        <div className="ml-auto flex items-center gap-0.5">
          <button
            type="button"
            onClick={() => setOver("search")}
            aria-label="Search"
            className="flex h-9 items-center gap-2 rounded-md px-2.5 text-dim hover:bg-well hover:text-ink sm:h-8 sm:border sm:border-line sm:pr-2"
          >
            <Icon name="search" />
            <span className="hidden sm:flex sm:items-center sm:gap-6" aria-hidden="true">
              Search <Keys keys="/" />
            </span>
          </button>
          <Round words="Keys" onPress={() => setOver("keys")}>
            <Icon name="keyboard" />
          </Round>
          <ThemeButton />
        </div>
      </header>
      <main id="main" tabIndex={-1} className="min-h-0 flex-1 overflow-y-auto outline-none">
        <Outlet />
      </main>
      {over === "search" && <Search onClose={() => setOver(null)} />}
      {over === "keys" && <KeysHelp onClose={() => setOver(null)} />}
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
  const change = () => {
    chooseTheme(NEXT[theme]);
    setTheme(NEXT[theme]);
  };
  return (
    <Round words={`Theme: ${LOOKS[theme].word}. Change to ${LOOKS[NEXT[theme]].word}.`} onPress={change}>
      <Icon name={LOOKS[theme].icon} />
    </Round>
  );
}

function Round({ words, onPress, children }: { words: string; onPress: () => void; children: ReactNode }) {
  return (
    <button
      type="button"
      onClick={onPress}
      aria-label={words}
      title={words}
      className="grid size-9 place-items-center rounded-md text-dim hover:bg-well hover:text-ink"
    >
      {children}
    </button>
  );
}
