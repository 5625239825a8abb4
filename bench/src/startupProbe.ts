/** Run by plain Node in a process of its own: how long the parts of a start take, as JSON. */
import type { Startup } from "./startup.ts";

const LINE = "MLP 784-256-128-10, Adam";
const STEPS = 20;

const clock = (): number => performance.now();
const begin = clock();
await import("tapegrad");
const loaded = clock();
const { lines, prepare } = await import("./lines/index.ts");
const imported = clock();
const { run } = prepare(lines.find(({ name }) => name === LINE)!);
const made = clock();
run();
const stepped = clock();
for (let i = 0; i < STEPS; i++) run();
const times: Startup = {
  load: loaded - begin,
  setup: made - imported,
  firstStep: stepped - made,
  laterStep: (clock() - stepped) / STEPS,
};
process.stdout.write(JSON.stringify(times));
