// What holds a page still for its picture: times, lengths of time and addresses are other ones in each run, so that
// others stand in their places that are always the same. Nothing else is touched.

import type { Page, Request } from "playwright-core";

/** For how many frames in a row nothing may be on its way: what has come may ask for more. */
const CALM = 4;

/** Has to be asked for before the page is opened. What it answers waits until all that the page asked for is there. */
export async function holdStill(page: Page): Promise<() => Promise<void>> {
  const asked = new Set<Request>();
  // A stream of events comes to its end with its run.
  page.on("request", (request) => request.url().includes("/stream") || asked.add(request));
  page.on("requestfinished", (request) => asked.delete(request));
  page.on("requestfailed", (request) => asked.delete(request));
  await page.emulateMedia({ reducedMotion: "reduce" });
  await page.addInitScript(() => {
    const HOURS = /\b\d+ h \d\d min\b/g;
    const LENGTH = /\b\d+ min \d\d s\b|\b\d+(\.\d)? s\b|\b\d+ ms\b/g;
    const SHARE = /[+−-]?\d+ %/g;
    const ADDRESS = /127\.0\.0\.1:\d+/g;

    /** Where in its list something stands, so that not all lines of it say the same. */
    const placeOf = (element: Element | null): number => {
      const line = element?.closest("[data-index], li, tr");
      if (!line) return 0;
      return Number(line.getAttribute("data-index") ?? [...(line.parentElement?.children ?? [])].indexOf(line));
    };

    const words = (node: Text) => {
      const element = node.parentElement;
      const place = placeOf(element);
      // The moments of a schedule are what its picture is about, and are given by whoever takes it.
      const isMoment = element?.tagName === "TIME" && !element.closest("[aria-label='Next times']");
      const text = isMoment
        ? `9:30:${String((place * 3) % 60).padStart(2, "0")} AM`
        : node.data
            .replace(HOURS, "23 h 59 min")
            .replace(LENGTH, element?.closest("dl") ? "21 s" : `${(1.2 + ((place * 7) % 10) * 0.4).toFixed(1)} s`)
            .replace(SHARE, "−45 %")
            .replace(ADDRESS, "127.0.0.1:8080");
      if (text !== node.data) node.data = text;
    };

    /** Bars are as long as what they stand for took. */
    const bar = (element: HTMLElement) => {
      const bars = [...(element.parentElement?.children ?? [])].filter((one) => one instanceof HTMLElement && one.style.width !== "");
      const at = bars.indexOf(element);
      // One of several lies on a line with them, one alone fills a part of it.
      const width = bars.length > 1 ? `calc(${100 / bars.length}% - 2px)` : `${40 + ((placeOf(element) * 7) % 6) * 12}%`;
      if (element.style.width !== width) element.style.width = width;
      const left = `${(at * 100) / bars.length}%`;
      if (element.style.left !== "" && Math.abs(parseFloat(element.style.left) - parseFloat(left)) > 0.001) element.style.left = left;
    };

    const hold = (root: Node) => {
      if (root instanceof Text) return words(root);
      if (!(root instanceof Element)) return;
      const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
      while (texts.nextNode()) words(texts.currentNode as Text);
      for (const element of root.querySelectorAll<HTMLElement>("span[style*='width']")) bar(element);
      if (root instanceof HTMLElement && root.matches("span[style*='width']")) bar(root);
    };

    // It is called before anything is painted, so that no picture sees what was there.
    new MutationObserver((changes) => {
      for (const change of changes) [change.target, ...change.addedNodes].forEach(hold);
    }).observe(document, { subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ["style"] });
  });
  return async () => {
    for (let calm = 0; calm < CALM; ) {
      await page.evaluate(() => new Promise(requestAnimationFrame));
      calm = asked.size === 0 ? calm + 1 : 0;
    }
  };
}
