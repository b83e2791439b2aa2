// The icons of the page: a few strokes each, in the colour of the text beside them.

import type { ReactNode } from "react";

const SHAPES = {
  pending: <circle cx="8" cy="8" r="5.5" strokeDasharray="2.2 2.1" />,
  running: (
    <>
      <circle cx="8" cy="8" r="5.5" opacity="0.25" />
      <path d="M8 2.5A5.5 5.5 0 0 1 13.5 8" className="turning" />
    </>
  ),
  waiting: <path d="M5 2.5h6M5 13.5h6M5.5 2.5c0 3 5 3.5 5 5.5s-5 2.5-5 5.5M10.5 2.5c0 3-5 3.5-5 5.5s5 2.5 5 5.5" />,
  completed: <path d="m3 8.5 3.2 3.2L13 4.8" />,
  stopped: <rect x="4" y="4" width="8" height="8" rx="1.5" />,
  error: (
    <>
      <path d="M8 2.2 14.4 13.3H1.6Z" />
      <path d="M8 6.3v3.2M8 11.4v.1" />
    </>
  ),
  inherited: <path d="M12.5 3.5v4a3 3 0 0 1-3 3H4M6.5 7.5l-3 3 3 3" />,
  play: <path d="M5 3.2v9.6L12.8 8Z" />,
  copy: (
    <>
      <rect x="5.5" y="5.5" width="8" height="8" rx="1.5" />
      <path d="M10.5 2.5H4A1.5 1.5 0 0 0 2.5 4v6.5" />
    </>
  ),
  download: <path d="M8 2.5v7.3M4.8 6.8 8 10l3.2-3.2M3 13.3h10" />,
  down: <path d="M8 3v10M3.8 8.8 8 13l4.2-4.2" />,
  chevron: <path d="m6 3.5 4.5 4.5L6 12.5" />,
  next: <path d="M8 2.5v11M4 9.5l4 4 4-4" />,
  back: <path d="M4.5 13h4.8a3.7 3.7 0 0 0 0-7.5H3.4M6.4 2.5l-3 3 3 3" />,
  end: (
    <>
      <circle cx="8" cy="8" r="5.5" />
      <rect x="6" y="6" width="4" height="4" rx="0.5" fill="currentColor" />
    </>
  ),
  out: <path d="M3 8h9.5M8.7 4.2 12.5 8l-3.8 3.8" />,
  message: <path d="M2.5 3.5h11v7.5H7.2L4 13.5V11H2.5Z" />,
  key: (
    <>
      <circle cx="5" cy="8" r="2.8" />
      <path d="M7.8 8h6M11.3 8v2.6" />
    </>
  ),
  book: <path d="M8 4.2C6.6 3.2 4.8 3 2.5 3v9.2c2.3 0 4.1.3 5.5 1.3 1.4-1 3.2-1.3 5.5-1.3V3C11.2 3 9.4 3.2 8 4.2Zm0 0v9.3" />,
  tool: <path d="M10 2.6a3.6 3.6 0 0 0-3.2 5.1L2.6 12a1.5 1.5 0 0 0 2.1 2.1L9 9.8A3.6 3.6 0 0 0 13.6 5l-2.2 2.1-2.2-.6-.6-2.2Z" />,
  skip: <path d="M3 4v8l6-4ZM12.5 4v8" />,
  info: (
    <>
      <circle cx="8" cy="8" r="5.7" />
      <path d="M8 7.4v3.4M8 5.1v.1" />
    </>
  ),
  retry: <path d="M13 8a5 5 0 1 1-1.5-3.6M13.2 2.4v2.9h-2.9" />,
  sun: (
    <>
      <circle cx="8" cy="8" r="2.8" />
      <path d="M8 1.5v1.3M8 13.2v1.3M1.5 8h1.3M13.2 8h1.3M3.4 3.4l.9.9M11.7 11.7l.9.9M3.4 12.6l.9-.9M11.7 4.3l.9-.9" />
    </>
  ),
  moon: <path d="M13.3 9.6A5.6 5.6 0 0 1 6.4 2.7a5.6 5.6 0 1 0 6.9 6.9Z" />,
  screen: (
    <>
      <rect x="2" y="3" width="12" height="8" rx="1.2" />
      <path d="M6 13.5h4" />
    </>
  ),
  plug: <path d="M5.5 2.5v3M10.5 2.5v3M4 5.5h8v2a4 4 0 0 1-8 0ZM8 11.5v2.5" />,
  ask: (
    <>
      <circle cx="8" cy="8" r="5.7" />
      <path d="M6.3 6.5a1.8 1.8 0 1 1 2.6 1.6c-.6.3-.9.6-.9 1.2M8 11.3v.1" />
    </>
  ),
  person: (
    <>
      <circle cx="8" cy="5.2" r="2.6" />
      <path d="M3 13.5c.4-2.8 2.4-4.2 5-4.2s4.6 1.4 5 4.2" />
    </>
  ),
  limit: <path d="M2.5 12.5a6 6 0 1 1 11 0M8 9.5l2.6-3.2" />,
  hook: <path d="M8 2.5v7.5a2.8 2.8 0 1 1-5.6 0M5.5 5.2 8 2.5l2.5 2.7" />,
  list: <path d="M5.5 4h8M5.5 8h8M5.5 12h8M2.5 4h.1M2.5 8h.1M2.5 12h.1" />,
  document: <path d="M4 2.5h5l3 3v8H4ZM9 2.5v3h3M6 8.5h4M6 11h4" />,
  fold: <path d="M8 2v4.5M6 4.7l2 2 2-2M8 14V9.5M6 11.3l2-2 2 2M2.5 8h11" />,
  eye: (
    <>
      <path d="M1.8 8C3.3 5.3 5.4 4 8 4s4.7 1.3 6.2 4c-1.5 2.7-3.6 4-6.2 4S3.3 10.7 1.8 8Z" />
      <circle cx="8" cy="8" r="1.8" />
    </>
  ),
  send: <path d="M2.5 8 13.5 3l-3.5 10.5L7.5 9ZM7.5 9l6-6" />,
  close: <path d="m4 4 8 8M12 4l-8 8" />,
  plus: <path d="M8 3v10M3 8h10" />,
  find: (
    <>
      <circle cx="7" cy="7" r="4.2" />
      <path d="m10.2 10.2 3.3 3.3" />
    </>
  ),
  compare: <path d="M6.5 2.5H3v11h3.5M9.5 2.5H13v11H9.5M8 1.5v13" />,
  search: <path d="M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9ZM10.3 10.3l3.4 3.4" />,
  keyboard: (
    <>
      <rect x="1.8" y="4" width="12.4" height="8.2" rx="1.4" />
      <path d="M4.3 6.7h.1M7 6.7h.1M9.7 6.7h.1M12 6.7h.1M5 9.6h6" />
    </>
  ),
  grip: <path d="M6 3.5h.1M10 3.5h.1M6 8h.1M10 8h.1M6 12.5h.1M10 12.5h.1" strokeWidth="2" />,
  undo: <path d="M3 6.5h6.5a3.5 3.5 0 0 1 0 7H6M5.8 3.5l-3 3 3 3" />,
  redo: <path d="M13 6.5H6.5a3.5 3.5 0 0 0 0 7H10M10.2 3.5l3 3-3 3" />,
  clock: <path d="M8 2.3a5.7 5.7 0 1 0 0 11.4A5.7 5.7 0 0 0 8 2.3ZM8 5v3.2l2.2 1.3" />,
  trash: <path d="M3 4.5h10M6.3 4.3V2.8h3.4v1.5M4.3 4.5l.6 8.7h6.2l.6-8.7" />,
  best: <path d="m8 2.2 1.8 3.7 4 .6-2.9 2.8.7 4L8 11.4l-3.6 1.9.7-4L2.2 6.5l4-.6Z" />,
} satisfies Record<string, ReactNode>;

export type IconName = keyof typeof SHAPES;

export function Icon({ name, className = "" }: { name: IconName; className?: string }) {
  return (
    <svg
      viewBox="0 0 16 16"
      className={`size-4 shrink-0 ${className}`}
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      {SHAPES[name]}
    </svg>
  );
}
