import { expect, test } from "vitest";

import { matching } from "./places.ts";

const places = ["Projects", "news / article", "news / Runs", "runner / article"].map((name) => ({ name, kind: "", to: "" }));
const names = (text: string) => matching(places, text).map((place) => place.name);

test("every word has to be in the name, in any order", () => {
  expect(names("art news")).toEqual(["news / article"]);
  expect(names("nothing")).toEqual([]);
  expect(names("")).toHaveLength(4);
});

test("what begins with the word comes first", () => {
  expect(names("run")).toEqual(["news / Runs", "runner / article"]);
});

test("a number is a run", () => {
  expect(names("42")).toEqual(["Run 42"]);
});
