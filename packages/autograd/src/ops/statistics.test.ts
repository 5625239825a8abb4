import { expect, it } from "vitest";
import { zeros } from "../creation.ts";
import { norm } from "./statistics.ts";

it("norm refuses orders that it does not know, rather than giving NaN", () => {
  expect(() => norm(zeros(2, 2), "nuc" as "fro")).toThrow(/unknown order of a norm\n {2}p {2}nuc/);
});
