// What agents write, as rendered markdown. HTML in it stays text: what a model writes must never
// become part of the page. Pictures become links, since fetching one would tell its server who reads.

import { memo } from "react";
import ReactMarkdown, { type Components } from "react-markdown";
import remarkGfm from "remark-gfm";

const PLUGINS = [remarkGfm];

const PARTS: Components = {
  // The page has headings of its own; those of a text lie below them, and keep their sizes.
  h1: ({ children }) => <h3 className="prose-h1">{children}</h3>,
  h2: ({ children }) => <h4 className="prose-h2">{children}</h4>,
  h3: ({ children }) => <h5>{children}</h5>,
  h4: ({ children }) => <h6>{children}</h6>,
  h5: ({ children }) => <h6>{children}</h6>,
  a: ({ href, children }) => (
    <a href={href} target="_blank" rel="noreferrer noopener nofollow">
      {children}
    </a>
  ),
  img: ({ src, alt }) => (
    <a href={typeof src === "string" ? src : undefined} target="_blank" rel="noreferrer noopener nofollow">
      {alt || "Picture"}
    </a>
  ),
};

export const Markdown = memo(function Markdown({ text, className = "" }: { text: string; className?: string }) {
  return (
    <div className={`prose ${className}`}>
      <ReactMarkdown remarkPlugins={PLUGINS} components={PARTS}>
        {text}
      </ReactMarkdown>
    </div>
  );
});
