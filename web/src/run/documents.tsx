// The documents of a run: what its agents wrote, to read, to copy and to download.

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import type { Document } from "../api/model.ts";
import { AgentName, Avatar } from "../ui/agent.tsx";
import { buttonLook } from "../ui/button.tsx";
import { CopyButton } from "../ui/copy.tsx";
import { Empty, Loading } from "../ui/empty.tsx";
import { bytes } from "../ui/format.ts";
import { Icon } from "../ui/icon.tsx";
import { Markdown } from "../ui/markdown.tsx";
import { ProblemCard } from "../ui/problem.tsx";
import { Sheet } from "../ui/sheet.tsx";
import { Moment } from "../ui/time.tsx";
import { documentAddress, documentQuery, documentsQuery } from "./queries.ts";
import type { VisitState } from "./state.ts";

/** Bytes above which markdown is shown as it stands: to lay it out would hold the page up. */
const MARKDOWN_MAX = 200_000;

interface DocumentsProps {
  run: number;
  visits: VisitState[];
  /** How often one was written, by what the events tell: a change of it is news. */
  written: number;
}

export function Documents({ run, visits, written }: DocumentsProps) {
  const queries = useQueryClient();
  const documents = useQuery(documentsQuery(run));
  const [read, setRead] = useState<string | null>(null);
  useEffect(() => {
    if (written > 0) void queries.invalidateQueries({ queryKey: documentsQuery(run).queryKey, exact: true });
  }, [queries, run, written]);
  if (documents.isPending) return <Loading rows={3} height="h-16" />;
  if (documents.isError && !documents.data) return <ProblemCard error={documents.error} onRetry={() => documents.refetch()} />;
  const items = documents.data?.items ?? [];
  const open = items.find((document) => document.path === read);
  if (items.length === 0) {
    return <Empty title="No documents yet">Files that agents write appear here, each as it was last written.</Empty>;
  }
  return (
    <>
      <ul className="card divide-y divide-line overflow-hidden">
        {items.map((document) => (
          <Row key={document.path} run={run} document={document} visits={visits} onOpen={() => setRead(document.path)} />
        ))}
      </ul>
      {open && <DocumentSheet run={run} document={open} onClose={() => setRead(null)} />}
    </>
  );
}

interface RowProps {
  run: number;
  document: Document;
  visits: VisitState[];
  onOpen: () => void;
}

function Row({ run, document, visits, onOpen }: RowProps) {
  const visit = visits.find((one) => one.visit === document.visit);
  return (
    <li className="relative flex items-start gap-2 px-3.5 py-2.5 hover:bg-well/60">
      <div className="min-w-0 flex-1">
        <button
          type="button"
          onClick={onOpen}
          className="text-left font-mono text-xs leading-5 font-semibold wrap-anywhere before:absolute before:inset-0 before:content-['']"
        >
          {document.path}
        </button>
        <p className="flex flex-wrap items-center gap-x-1.5 text-xs text-dim">
          {document.agent != null && (
            <>
              <Avatar agent={document.agent} small />
              <AgentName agent={document.agent} />
            </>
          )}
          {visit && <span>in {visit.name}, visit {visit.visit}</span>}
          <span className="text-faint">
            {bytes(document.bytes)} · <Moment at={document.at} />
          </span>
        </p>
      </div>
      <Download run={run} path={document.path} />
    </li>
  );
}

function Download({ run, path }: { run: number; path: string }) {
  return (
    <a
      href={documentAddress(run, path)}
      download={path.split("/").at(-1)}
      aria-label={`Download ${path}`}
      title="Download"
      className={`relative ${buttonLook("quiet", true)}`}
    >
      <Icon name="download" />
    </a>
  );
}

function DocumentSheet({ run, document, onClose }: { run: number; document: Document; onClose: () => void }) {
  const text = useQuery(documentQuery(run, document.path, document.hash));
  return (
    <Sheet
      title={<span className="font-mono text-sm">{document.path}</span>}
      detail={bytes(document.bytes)}
      actions={
        <span className="flex">
          {text.data !== undefined && <CopyButton text={text.data} what={document.path} />}
          <Download run={run} path={document.path} />
        </span>
      }
      onClose={onClose}
    >
      {text.isPending && <Loading rows={4} height="h-16" />}
      {text.isError && <ProblemCard error={text.error} onRetry={() => text.refetch()} />}
      {text.data !== undefined && <Text document={document} text={text.data} />}
    </Sheet>
  );
}

function Text({ document, text }: { document: Document; text: string }) {
  if (text === "") return <p className="text-faint">An empty text.</p>;
  const isMarkdown = /\.(md|markdown)$/i.test(document.path) && document.bytes <= MARKDOWN_MAX;
  if (isMarkdown) return <Markdown text={text} className="text-[0.9375rem]" />;
  return <pre className="font-mono text-xs leading-5 whitespace-pre-wrap wrap-anywhere">{text}</pre>;
}
