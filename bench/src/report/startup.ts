import type { HostFacts } from "../hostFacts.ts";
import { type Startup, startupParts } from "../startup.ts";
import { duration, type Table } from "./table.ts";

const titles: Readonly<Record<keyof Startup, string>> = {
  load: 'import "tapegrad"',
  setup: "data and model of the MLP",
  firstStep: "its first training step",
  laterStep: "a step of the twenty after it",
};

/** The parts of a start as cells. */
export function startupTable(times: Startup): Table {
  return { head: ["", "time"], body: startupParts.map((part) => [titles[part], duration(times[part])]), notes: [] };
}

/** The parts of a start as data, in milliseconds. */
export function startupJson(times: Startup, host: HostFacts): object {
  return { units: "milliseconds, medians over processes", host, startup: times };
}
