import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { readInputs } from "../inputFolder.ts";
import { answerer, type Host, type Place } from "./answerer.ts";
import type { Question } from "./protocol.ts";

const place: Place = {
  runtime: `Node ${process.version}`,
  readInputs,
  peakMemory,
  trace: ({ stack }) => process.stderr.write(`${stack}\n`),
};

/** Answers questions until there are none: what a process of a side does all its life. */
export async function serve(
  host: Host,
  questions: Readable = process.stdin,
  answers: Writable = process.stdout,
): Promise<void> {
  const answer = answerer(host, place);
  for await (const line of createInterface({ input: questions })) {
    answers.write(`${JSON.stringify(await answer(JSON.parse(line) as Question))}\n`);
  }
}

/** The most memory that the process has had, in bytes. What getrusage says includes that of the parent before this one started. */
function peakMemory(): number {
  try {
    return Number(/VmHWM:\s*(\d+) kB/.exec(readFileSync("/proc/self/status", "utf8"))![1]) * 1024;
  } catch {
    return process.resourceUsage().maxRSS * 1024;
  }
}
