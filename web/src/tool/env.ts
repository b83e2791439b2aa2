// Values of an environment or of headers as lines: `NAME=text`, `NAME=$VARIABLE` of the server, `NAME=secret:NAME`.

import type { EnvValue } from "../api/model.ts";

type Values = Record<string, EnvValue>;

export function linesOf(values: Values): string[] {
  return Object.entries(values).map(([name, value]) => {
    if (typeof value === "string") return `${name}=${value.startsWith("$") || value.startsWith("secret:") ? `\\${value}` : value}`;
    return `${name}=${"secret" in value ? `secret:${value.secret}` : `$${value.env}`}`;
  });
}

export function valuesOf(lines: string[]): Values {
  const pairs = lines.map((line): [string, EnvValue] => {
    const at = line.indexOf("=");
    const name = (at < 0 ? line : line.slice(0, at)).trim();
    const text = at < 0 ? "" : line.slice(at + 1);
    if (text.startsWith("secret:")) return [name, { secret: text.slice("secret:".length).trim() }];
    if (text.startsWith("$")) return [name, { env: text.slice(1).trim() }];
    return [name, text.startsWith("\\") ? text.slice(1) : text];
  });
  return Object.fromEntries(pairs);
}
