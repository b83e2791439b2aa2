// Says, where everything is simulated, how a real model takes over.

import { Link } from "@tanstack/react-router";

import type { Model } from "../api/model.ts";
import { Icon } from "../ui/icon.tsx";

export function RealModelHint({ models, project }: { models: Model[]; project: number }) {
  const simulated = models.filter((model) => model.provider === "simulated");
  if (simulated.length === 0 || simulated.length < models.length) return null;
  const name = simulated[0]?.name ?? "";
  return (
    <p className="mb-6 flex gap-2 rounded-md border border-dashed border-line-strong px-3 py-2 text-dim">
      <Icon name="info" className="mt-0.5" />
      <span>
        What is written here is simulated. To have it done by a real model,{" "}
        <Link
          to="/projects/$id/models"
          params={{ id: String(project) }}
          search={{ edit: name }}
          className="text-accent hover:underline"
        >
          give the model {name} a provider
        </Link>{" "}
        and a key; nothing else has to change.
      </span>
    </p>
  );
}
