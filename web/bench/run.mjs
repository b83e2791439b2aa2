// Carries a measurement out: they are written in TypeScript like all else here, which Vite reads.

import { fileURLToPath } from "node:url";

import { runnerImport } from "vite";

const { module } = await runnerImport(fileURLToPath(new URL("page.ts", import.meta.url)));
await module.measure(process.argv.includes("--full"));
