// What agents write, as rendered markdown. HTML in it stays text: what a model writes must never
// become part of the page. Pictures become links, since fetching one would tell its server who reads.
//
// The text is parsed by a library and drawn here, node by node: what is not drawn below cannot appear.

import type { Definition, Nodes, Root, Table } from "mdast";
import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmAutolinkLiteralFromMarkdown } from "mdast-util-gfm-autolink-literal";
import { gfmStrikethroughFromMarkdown } from "mdast-util-gfm-strikethrough";
import { gfmTableFromMarkdown } from "mdast-util-gfm-table";
import { gfmTaskListItemFromMarkdown } from "mdast-util-gfm-task-list-item";
import { gfmAutolinkLiteral } from "micromark-extension-gfm-autolink-literal";
import { gfmStrikethrough } from "micromark-extension-gfm-strikethrough";
import { gfmTable } from "micromark-extension-gfm-table";
import { gfmTaskListItem } from "micromark-extension-gfm-task-list-item";
import { Fragment, memo, type ReactNode } from "react";

const SYNTAX = {
  extensions: [gfmAutolinkLiteral(), gfmStrikethrough(), gfmTable(), gfmTaskListItem()],
  mdastExtensions: [gfmAutolinkLiteralFromMarkdown(), gfmStrikethroughFromMarkdown(), gfmTableFromMarkdown(), gfmTaskListItemFromMarkdown()],
};

export const Markdown = memo(function Markdown({ text, className = "" }: { text: string; className?: string }) {
  const root = fromMarkdown(text, SYNTAX);
  return <div className={`prose ${className}`}>{draw(root, definitionsOf(root))}</div>;
});

type Definitions = Map<string, Definition>;

/** The addresses that links name by a label, wherever they stand. */
function definitionsOf(root: Root): Definitions {
  const found: Definitions = new Map();
  const look = (node: Nodes) => {
    if (node.type === "definition" && !found.has(node.identifier)) found.set(node.identifier, node);
    if ("children" in node) node.children.forEach(look);
  };
  look(root);
  return found;
}

function draw(node: Nodes, definitions: Definitions): ReactNode {
  const within = () => ("children" in node ? all(node.children, definitions) : null);
  switch (node.type) {
    case "root":
      return within();
    case "paragraph":
      return <p>{within()}</p>;
    case "heading":
      return heading(node.depth, within());
    case "text":
    case "html":
      return node.value;
    case "emphasis":
      return <em>{within()}</em>;
    case "strong":
      return <strong>{within()}</strong>;
    case "delete":
      return <del>{within()}</del>;
    case "inlineCode":
      return <code>{node.value}</code>;
    case "code":
      return (
        <pre tabIndex={0}>
          <code>{node.value}</code>
        </pre>
      );
    case "blockquote":
      return <blockquote>{within()}</blockquote>;
    case "thematicBreak":
      return <hr />;
    case "break":
      return <br />;
    case "list":
      return node.ordered ? <ol start={node.start ?? 1}>{within()}</ol> : <ul>{within()}</ul>;
    case "listItem":
      return (
        <li>
          {typeof node.checked === "boolean" && <input type="checkbox" disabled checked={node.checked} aria-label={node.checked ? "Done" : "Open"} />}
          {/* The lines of a list without gaps are no paragraphs. */}
          {node.spread ? within() : node.children.map((child, at) => <Fragment key={at}>{child.type === "paragraph" ? all(child.children, definitions) : draw(child, definitions)}</Fragment>)}
        </li>
      );
    case "table":
      return table(node, definitions);
    case "link":
      return link(node.url, within());
    case "linkReference":
      return link(definitions.get(node.identifier)?.url, within());
    case "image":
      return link(node.url, node.alt || "Picture");
    case "imageReference":
      return link(definitions.get(node.identifier)?.url, node.alt || "Picture");
    default:
      // Definitions are drawn where they are used; nothing else comes of the syntax above.
      return null;
  }
}

function all(nodes: Nodes[], definitions: Definitions): ReactNode {
  return nodes.map((node, at) => <Fragment key={at}>{draw(node, definitions)}</Fragment>);
}

/** The page has headings of its own; those of a text lie below them, and keep their sizes. */
function heading(depth: number, words: ReactNode): ReactNode {
  if (depth === 1) return <h3 className="prose-h1">{words}</h3>;
  if (depth === 2) return <h4 className="prose-h2">{words}</h4>;
  return depth === 3 ? <h5>{words}</h5> : <h6>{words}</h6>;
}

function table({ children: [head, ...rows], align }: Table, definitions: Definitions): ReactNode {
  const cells = (row: Table["children"][number], Cell: "th" | "td") => (
    <tr>
      {row.children.map((cell, at) => (
        <Cell key={at} style={{ textAlign: align?.[at] ?? undefined }}>
          {all(cell.children, definitions)}
        </Cell>
      ))}
    </tr>
  );
  return (
    <table tabIndex={0}>
      {head && <thead>{cells(head, "th")}</thead>}
      <tbody>
        {rows.map((row, at) => (
          <Fragment key={at}>{cells(row, "td")}</Fragment>
        ))}
      </tbody>
    </table>
  );
}

/** A link to where a browser may go. What leads elsewhere, such as to a script, stays words. */
function link(url: string | undefined, words: ReactNode): ReactNode {
  if (url === undefined || !/^(https?:|mailto:)/i.test(url)) return words;
  return (
    <a href={url} target="_blank" rel="noreferrer noopener nofollow">
      {words}
    </a>
  );
}
