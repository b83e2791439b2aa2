// A project as its file, to be read, copied, changed and applied.

import { useQuery } from "@tanstack/react-query";

import { CopyButton } from "../ui/copy.tsx";
import { Loading } from "../ui/empty.tsx";
import { Page } from "../ui/frame.tsx";
import { ProblemCard } from "../ui/problem.tsx";
import { ApplyForm } from "./apply.tsx";
import { ProjectHead } from "./head.tsx";
import { exportQuery } from "./queries.ts";

export function FilePage({ id }: { id: number }) {
  const file = useQuery(exportQuery(id));
  return (
    <Page>
      <ProjectHead id={id} page="File">
        {file.data && <CopyButton text={file.data} what="the file" />}
      </ProjectHead>
      {file.isError ? (
        <ProblemCard error={file.error} onRetry={() => file.refetch()} />
      ) : file.data === undefined ? (
        <Loading rows={1} height="h-96" />
      ) : (
        // A file that was applied elsewhere is another file.
        <ApplyForm key={file.data} begun={file.data} />
      )}
    </Page>
  );
}
