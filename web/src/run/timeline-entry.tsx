// One entry of the timeline, as it is drawn.

import { memo } from "react";

import { Divider } from "./divider.tsx";
import { StandsAt } from "./entry-place.tsx";
import { Errand } from "./errand.tsx";
import { useSimulated } from "./models.ts";
import { Note } from "./note.tsx";
import { Speech } from "./speech.tsx";
import type { Entry, VisitState } from "./state.ts";

interface DrawnProps {
  run: number;
  entry: Entry;
  visits: VisitState[];
  /** Whether the run has ended. */
  over: boolean;
}

/** One that was drawn is not drawn again while the others are scrolled by. */
export const Drawn = memo(function Drawn(props: DrawnProps) {
  return (
    <StandsAt run={props.run} seq={props.entry.seq}>
      <Kind {...props} />
    </StandsAt>
  );
});

function Kind({ run, entry, visits, over }: DrawnProps) {
  const isSimulated = useSimulated();
  switch (entry.kind) {
    case "divider": {
      const visit = visits.find((one) => one.visit === entry.visit);
      return visit ? <Divider run={run} visit={visit} over={over} /> : null;
    }
    case "speech":
      return <MemoSpeech speech={entry} />;
    case "errand":
      return <Errand errand={entry} />;
    case "note": {
      // Where a re-run goes on is named before the stage is entered.
      const Told = entry.event.kind === "run_inherited" ? Note : MemoNote;
      return (
        <Told
          event={entry.event}
          simulated={entry.model !== null && isSimulated(entry.model)}
          stageName={(id) => visits.findLast((visit) => visit.stage === id)?.name ?? id}
        />
      );
    }
  }
}

const MemoSpeech = memo(Speech);
// What a note says rests on its event alone; names of stages do not change within a run.
const MemoNote = memo(Note, (before, after) => before.event === after.event && before.simulated === after.simulated);
