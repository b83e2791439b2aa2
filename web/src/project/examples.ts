// The project files that come along, as they stand beside the program's source. Their models are
// simulated, so that each runs at once, without a key and without a network.

import digest from "../../../examples/digest.yaml?raw";
import newsroom from "../../../examples/newsroom.yaml?raw";
import roundtable from "../../../examples/roundtable.yaml?raw";

export interface Example {
  name: string;
  title: string;
  about: string;
  file: string;
  /** The workflow that is run, what it asks, and what it could be told. */
  workflow: string;
  ask: string;
  input: string;
}

export const EXAMPLES: readonly Example[] = [
  {
    name: "newsroom",
    title: "A newsroom",
    about: "A researcher gathers facts, a writer drafts, an editor sends the draft back once and publishes.",
    file: newsroom,
    workflow: "article",
    ask: "What should the article be about?",
    input: "the return of the night train",
  },
  {
    name: "roundtable",
    title: "A round table",
    about: "Three people argue at once, a chair opens and closes, and the question is decided or taken up again.",
    file: roundtable,
    workflow: "question",
    ask: "What is the question?",
    input: "Should the office move out of town?",
  },
  {
    name: "digest",
    title: "A digest",
    about: "The smallest of them: one agent lists the points of a text, another writes from them.",
    file: digest,
    workflow: "digest",
    ask: "Which text should be digested?",
    input: "Night trains are coming back. Cities that lost theirs want them again, and nobody has enough cars.",
  },
];
