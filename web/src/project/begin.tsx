// The ways to begin: with an example that runs at once, from nothing, or with a file.

import { useState } from "react";

import { Button } from "../ui/button.tsx";
import { ApplyForm } from "./apply.tsx";
import { NewForm } from "./new-form.tsx";
import { TryExample } from "./try-example.tsx";

export function Begin({ taken }: { taken: string[] }) {
  const [pasting, setPasting] = useState(false);
  return (
    <div className="mt-6 space-y-4">
      <section className="card p-4 sm:p-5" aria-labelledby="example">
        <h2 id="example" className="text-base font-semibold">
          See it work
        </h2>
        <p className="mt-1 mb-4 text-dim">
          An example needs no key and no network: its model is simulated and says made-up things. You watch a team write,
          and can change all of it afterwards.
        </p>
        <TryExample taken={taken} />
      </section>
      <section className="card p-4 sm:p-5" aria-labelledby="nothing">
        <h2 id="nothing" className="text-base font-semibold">
          Begin from nothing
        </h2>
        <p className="mt-1 mb-4 text-dim">
          A project holds models, a team of agents, and workflows. You add them one by one; a real model needs the key of
          its provider, which is kept sealed.
        </p>
        <NewForm taken={taken} />
      </section>
      <section className="card p-4 sm:p-5" aria-labelledby="file">
        <div className="flex flex-wrap items-center justify-between gap-3">
          <div className="min-w-0">
            <h2 id="file" className="text-base font-semibold">
              Bring a project file
            </h2>
            <p className="mt-1 text-dim">
              YAML or JSON, as <code className="font-mono text-xs">callboard apply FILE</code> takes it.
            </p>
          </div>
          <Button aria-expanded={pasting} onClick={() => setPasting(!pasting)}>
            {pasting ? "Close" : "Apply a project file"}
          </Button>
        </div>
        {pasting && (
          <div className="mt-4">
            <ApplyForm />
          </div>
        )}
      </section>
    </div>
  );
}
