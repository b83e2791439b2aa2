// The geometry of the network's picture.

import { expect, test } from "vitest";

import { ring, tiePath } from "./network-layout.ts";

const size = { width: 600, height: 400 };

test("everyone has a place of their own within the picture, and none in its middle", () => {
  for (const names of [["a"], ["a", "b"], Array.from({ length: 12 }, (_, index) => `agent-${index}`)]) {
    const spots = [...ring(names, size).values()];
    expect(new Set(spots.map(({ x, y }) => `${x.toFixed()} ${y.toFixed()}`)).size).toBe(names.length);
    for (const { x, y } of spots) {
      expect(x > 30 && x < 570 && y > 30 && y < 370).toBe(true);
      expect(Math.hypot(x - 300, y - 200)).toBeGreaterThan(100);
    }
  }
});

test("the way there and the way back are two lines", () => {
  const [a, b] = [{ x: 0, y: 0 }, { x: 100, y: 0 }];
  const there = tiePath(a, b, 20).middle;
  const back = tiePath(b, a, 20).middle;
  expect(there.y).toBeGreaterThan(5);
  expect(back.y).toBeLessThan(-5);
});
