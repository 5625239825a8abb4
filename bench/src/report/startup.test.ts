import { expect, it } from "vitest";
import type { HostFacts } from "../hostFacts.ts";
import { startupJson, startupTable } from "./startup.ts";
import { asText } from "./table.ts";

const times = { load: 50, setup: 2, firstStep: 30.5, laterStep: 1.25 };

it("shows the parts of a start in order", () => {
  expect(asText(startupTable(times))).toBe(
    [
      "                                   time",
      'import "tapegrad"              50.00 ms',
      "data and model of the MLP       2.00 ms",
      "its first training step        30.50 ms",
      "a step of the twenty after it   1.25 ms",
    ].join("\n"),
  );
  expect(startupJson(times, {} as HostFacts)).toMatchObject({ startup: times });
});
