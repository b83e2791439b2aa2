// Buttons, in the few weights that the page has.

import type { ButtonHTMLAttributes } from "react";

const WEIGHTS = {
  /** The one thing that a page is for. */
  primary: "bg-accent text-on-accent border-transparent hover:bg-accent-strong",
  plain: "bg-panel text-ink border-line-strong hover:bg-well",
  quiet: "bg-transparent text-dim border-transparent hover:bg-well hover:text-ink",
  danger: "bg-bad text-panel border-transparent hover:opacity-90",
} as const;

export type Weight = keyof typeof WEIGHTS;

/** The look of a button, for links that do a button's work. */
export function buttonLook(weight: Weight, small = false): string {
  // A finger needs more room than a pointer.
  const size = small ? "h-7 px-2 text-xs gap-1.5 pointer-coarse:h-9 pointer-coarse:px-2.5" : "h-9 px-3.5 text-sm gap-2 pointer-coarse:h-10";
  return `inline-flex items-center justify-center rounded-md border font-medium whitespace-nowrap transition-colors disabled:opacity-50 aria-disabled:opacity-50 ${size} ${WEIGHTS[weight]}`;
}

export function Button({
  weight = "plain",
  small = false,
  className = "",
  ...rest
}: ButtonHTMLAttributes<HTMLButtonElement> & { weight?: Weight; small?: boolean }) {
  return <button type="button" {...rest} className={`${buttonLook(weight, small)} ${className}`} />;
}
