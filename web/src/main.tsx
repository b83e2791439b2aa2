// Where the page begins.

import "./style.css";

import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { Refused } from "./api/client.ts";
import { router } from "./routes.tsx";

/** How often a request that was not answered is sent again before the page says so. */
const RETRIES = 2;

const queries = new QueryClient({
  defaultOptions: {
    // The server may be on this machine, which answers without any network: whether there is one is found out by asking.
    mutations: { networkMode: "always" },
    queries: {
      networkMode: "always",
      staleTime: 5000,
      // What the server refuses it will refuse again; only its silence may pass.
      retry: (failures, error) => failures < RETRIES && !(error instanceof Refused && error.problem.status < 500),
    },
  },
});

const element = document.getElementById("page");
if (!element) throw new Error("The document has no place for the page.");
createRoot(element).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);
