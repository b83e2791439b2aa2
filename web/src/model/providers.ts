// The providers of models, as the form speaks of them.

import type { Model } from "../api/model.ts";

export type Provider = Model["provider"];

interface About {
  words: string;
  about: string;
  /** What a name of a model looks like there. */
  model: string;
  /** Whether it needs a key, takes one, or knows none. */
  key: "needed" | "optional" | "none";
  /** Whether the address has to be given, since there is no usual one. */
  address: "needed" | "optional" | "none";
  /** What an address looks like. */
  base?: string;
  /** What its key is mostly called. */
  secret: string;
}

export const PROVIDERS: Record<Provider, About> = {
  openai: { words: "OpenAI", about: "Speaks to api.openai.com.", model: "gpt-5-mini", key: "needed", address: "optional", secret: "openai_key" },
  anthropic: { words: "Anthropic", about: "Speaks to api.anthropic.com.", model: "claude-sonnet-4-5", key: "needed", address: "optional", secret: "anthropic_key" },
  gemini: { words: "Google Gemini", about: "Speaks to Google's API for Gemini.", model: "gemini-2.5-flash", key: "needed", address: "optional", secret: "gemini_key" },
  ollama: { words: "Ollama", about: "Speaks to an Ollama server, on this machine unless an address says otherwise.", model: "llama3.2", key: "optional", address: "optional", base: "http://127.0.0.1:11434", secret: "ollama_key" },
  "openai-compatible": { words: "OpenAI-compatible server", about: "Any server that speaks OpenAI's format: vLLM, llama.cpp, LM Studio, a gateway.", model: "local", key: "optional", address: "needed", base: "http://127.0.0.1:8000/v1", secret: "model_key" },
  simulated: { words: "Simulated", about: "No model at all: plausible made-up answers, without a key and without a network. For trying workflows out.", model: "simulated", key: "none", address: "none", secret: "" },
};

export const PROVIDER_OPTIONS = (Object.keys(PROVIDERS) as Provider[]).map((name) => [name, PROVIDERS[name].words] as const);
