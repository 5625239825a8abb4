import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { type Fingerprints, fingerprints } from "../fingerprint.ts";
import { type Inputs, readInputs } from "../inputs.ts";
import { type Runnable, time } from "../measure.ts";
import { peak } from "../peak.ts";
import type { Answer, Greeting, Prepared, Question, Timed } from "./protocol.ts";

/** A line that a side has set up. */
export interface ServedWork extends Runnable {
  /** Runs what is needed and gives what all sides must agree on, by name. */
  readonly results: () => Results | Promise<Results>;
  readonly note?: string;
  readonly flops?: number;
  /** Gives memory back; for libraries that ask for it. */
  readonly dispose?: () => void;
}

/** Results by name, as numbers. */
export type Results = Readonly<Record<string, ArrayLike<number>>>;

/** One side of the benchmark, in its own process. */
export interface Host {
  readonly version: string;
  /** Whether it says on stderr where an error arose; not for libraries that are expected to refuse. @defaultValue false */
  readonly traces?: boolean;
  readonly setThreads: (threads: number) => void;
  /** Sets a line up; throws what a reader should know where it cannot. `inputs` reads those that our side has written. */
  readonly prepare: (line: string, inputs: () => Inputs, folder: string | null) => ServedWork;
}

/** Answers questions until there are none: what a process of a side does all its life. */
export async function serve(
  host: Host,
  questions: Readable = process.stdin,
  answers: Writable = process.stdout,
): Promise<void> {
  const answer = answerer(host);
  for await (const line of createInterface({ input: questions })) {
    answers.write(`${JSON.stringify(await answer(JSON.parse(line) as Question))}\n`);
  }
}

function answerer(host: Host): (question: Question) => Promise<Answer> {
  let work: ServedWork | null = null;
  const prepared = (): ServedWork => {
    if (work === null) throw new Error("no line is set up");
    return work;
  };
  const prepare = async (line: string, folder: string | null): Promise<Prepared> => {
    work?.dispose?.();
    work = null;
    work = host.prepare(line, () => readInputs(folder ?? ""), folder);
    const { note = null, flops = null } = work;
    const results: Fingerprints = folder === null ? {} : fingerprints(await work.results());
    return { results, note, flops };
  };
  const ask = async (question: Question): Promise<unknown> => {
    switch (question.do) {
      case "hello":
        host.setThreads(question.threads);
        return { version: host.version } satisfies Greeting;
      case "prepare":
        return prepare(question.line, question.folder);
      case "time": {
        const current = prepared();
        const rate = current.flops === undefined ? null : peak();
        return { time: await time(current, question.budget), peak: rate } satisfies Timed;
      }
      case "repeat":
        for (let i = 0; i < question.times; i++) await prepared().run();
        return null;
      case "memory":
        return peakMemory();
    }
  };
  return async (question) => {
    try {
      return { value: await ask(question) };
    } catch (error) {
      if (host.traces && question.do !== "hello" && error instanceof Error) process.stderr.write(`${error.stack}\n`);
      return { error: error instanceof Error ? error.message : String(error) };
    }
  };
}

/** The most memory that the process has had, in bytes. What getrusage says includes that of the parent before this one started. */
function peakMemory(): number {
  try {
    return Number(/VmHWM:\s*(\d+) kB/.exec(readFileSync("/proc/self/status", "utf8"))![1]) * 1024;
  } catch {
    return process.resourceUsage().maxRSS * 1024;
  }
}
