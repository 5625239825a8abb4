import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { lines, prepare } from "./lines.ts";
import { median, summarise, time } from "./measure.ts";
import { asJson, type Row, table } from "./table.ts";
import { startTorch, type Torch } from "./torch.ts";

interface Options {
  readonly only?: RegExp;
  readonly json?: string;
  readonly rounds: number;
  readonly budget: number;
}

const whole = (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError("it must be a whole number of at least 1");
  return value;
};

const pattern = (text: string): RegExp => {
  let found: RegExp | null = null;
  try {
    found = new RegExp(text);
  } catch {
    // told below, in commander's words
  }
  if (found === null) throw new InvalidArgumentError("it is not a regular expression");
  return found;
};

const options: Options = new Command("bench")
  .description("Times tapegrad against PyTorch on one thread, line by line, the two in turn.")
  .option("--only <regex>", "only the lines whose names match", pattern)
  .option("--json <file>", "writes the times, in milliseconds, to a file")
  .option("--rounds <n>", "how often the two take turns", whole, 5)
  .option("--budget <ms>", "how long each turn lasts", whole, 300)
  .showSuggestionAfterError()
  .configureOutput({ outputError: (text, write) => write(text) })
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  .parse()
  .opts();

const chosen = lines.filter(({ name }) => options.only === undefined || options.only.test(name));
if (chosen.length === 0) {
  process.stderr.write(`no line matches; there are:\n${lines.map(({ name }) => `  ${name}`).join("\n")}\n`);
  process.exit(2);
}
const torch = await startTorch(1);
process.stdout.write(
  `Node ${process.version}, ${torch === null ? "no PyTorch: python3 cannot import torch" : `PyTorch ${torch.version}, one thread`}\n\n`,
);
const rows: Row[] = [];
for (const line of chosen) {
  const row = await measure(line, torch);
  rows.push(row);
  process.stderr.write(`${line.name}\n`);
}
torch?.close();
process.stdout.write(`${table(rows)}\n`);
if (options.json !== undefined) {
  writeFileSync(
    resolve(process.env.INIT_CWD ?? process.cwd(), options.json),
    `${JSON.stringify(asJson(rows), null, 2)}\n`,
  );
}

async function measure(line: (typeof lines)[number], other: Torch | null): Promise<Row> {
  const work = prepare(line);
  const ours = work.check();
  const theirs = other === null ? null : await other.check(line.name);
  if (theirs !== null && !(Math.abs(ours - theirs) <= 1e-3 * Math.max(1, Math.abs(theirs)))) {
    process.stderr.write(`${line.name}: the results differ: ${ours} here, ${theirs} in PyTorch\n`);
    process.exitCode = 1;
  }
  time(work, options.budget); // warm up
  const [mine, its]: [number[], number[]] = [[], []];
  for (let round = 0; round < options.rounds; round++) {
    mine.push(time(work, options.budget));
    if (other !== null && theirs !== null) its.push(await other.time(line.name, options.budget));
  }
  return {
    name: line.name,
    ours: summarise(mine),
    torch: its.length > 0 ? summarise(its) : null,
    ratioTorch: its.length > 0 ? median(mine.map((value, i) => value / its[i]!)) : null,
    flops: work.flops ?? null,
  };
}
