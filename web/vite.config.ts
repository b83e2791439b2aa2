// How the page is built into web/dist, from where the server takes it, and how it is served while
// one works on it.

import { gzipSync } from "node:zlib";

import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const server = process.env.CALLBOARD_SERVER ?? "http://127.0.0.1:8080";

/** How large the whole page may be when it is compressed: it has to be there at once over a slow line. */
const PAGE_MAX = 300_000;

/** Says how large the page is, and does not let it grow beyond that. */
function sized(): Plugin {
  return {
    name: "sized",
    writeBundle(_, bundle) {
      const texts = Object.values(bundle).map((file) => (file.type === "chunk" ? file.code : file.source));
      const size = texts.reduce((sum, text) => sum + gzipSync(text).length, 0);
      const words = `The page has ${(size / 1000).toFixed(1)} kB compressed, of ${PAGE_MAX / 1000} that it may have.`;
      if (size > PAGE_MAX) this.error(words);
      this.info(words);
    },
  };
}

export default defineConfig({
  plugins: [react(), tailwindcss(), sized()],
  build: {
    // The theme rests on the CSS function light-dark(), which these browsers know.
    target: ["chrome123", "firefox121", "safari17.5"],
    // One file for the whole page: it is served from the same machine most of the time, and has to
    // stay below PAGE_MAX in any case.
    chunkSizeWarningLimit: 900,
  },
  server: {
    proxy: {
      "/api": {
        target: server,
        changeOrigin: true,
        // The server refuses changes that come from a page of another origin. While one works on the
        // page it is served from another port, so the proxy speaks in the server's own name.
        configure(proxy) {
          proxy.on("proxyReq", (request) => {
            if (request.getHeader("origin") !== undefined) request.setHeader("origin", new URL(server).origin);
          });
        },
      },
    },
  },
  test: { include: ["src/**/*.test.ts"] },
});
