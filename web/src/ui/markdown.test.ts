import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";

import { Markdown } from "./markdown.tsx";

const html = (text: string) =>
  renderToStaticMarkup(createElement(Markdown, { text }))
    .replace(/^<div class="prose ">/, "")
    .replace(/<\/div>$/, "");

test("HTML stays text", () => {
  expect(html("<b onclick=x>hi</b>")).toBe("<p>&lt;b onclick=x&gt;hi&lt;/b&gt;</p>");
  expect(html("<script>alert(1)</script>")).not.toContain("<script");
});

test("a link leads only where a browser may go", () => {
  expect(html("[a](https://a.example)")).toContain('<a href="https://a.example" target="_blank" rel="noreferrer noopener nofollow">a</a>');
  expect(html("[a](javascript:alert(1))")).toBe("<p>a</p>");
  expect(html("[a](data:text/html,x)")).toBe("<p>a</p>");
  expect(html("[a][one]\n\n[one]: https://b.example")).toContain('href="https://b.example"');
  expect(html("see https://c.example.")).toContain('href="https://c.example"');
});

test("a picture is a link, and is not fetched", () => {
  expect(html("![owl](https://a.example/owl.png)")).toContain('>owl</a>');
  expect(html("![](https://a.example/owl.png)")).not.toContain("<img");
});

test("headings lie below those of the page", () => {
  expect(html("# One\n## Two\n### Three")).toBe('<h3 class="prose-h1">One</h3><h4 class="prose-h2">Two</h4><h5>Three</h5>');
});

test("lists, tables, code and the rest are drawn", () => {
  expect(html("- a\n- b")).toBe("<ul><li>a</li><li>b</li></ul>");
  expect(html("3. a\n\n   b")).toBe('<ol start="3"><li><p>a</p><p>b</p></li></ol>');
  expect(html("- [x] done")).toContain('<input type="checkbox" disabled="" aria-label="Done" checked=""/>');
  expect(html("|a|b|\n|-|-:|\n|1|2|")).toContain('<td style="text-align:right">2</td>');
  expect(html("```\n<x>\n```")).toBe('<pre tabindex="0"><code>&lt;x&gt;</code></pre>');
  expect(html("**a** *b* ~~c~~ `d`")).toBe("<p><strong>a</strong> <em>b</em> <del>c</del> <code>d</code></p>");
});
