import { type Fingerprints, fingerprints } from "../fingerprint.ts";
import type { Inputs } from "../inputs.ts";
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

/** One side of the benchmark, in its own process or page. */
export interface Host {
  readonly version: string;
  /** Whether it says where an error arose; not for libraries that are expected to refuse. @defaultValue false */
  readonly traces?: boolean;
  readonly setThreads: (threads: number) => void;
  /** Sets a line up; throws what a reader should know where it cannot. `inputs` reads those that our side has written. */
  readonly prepare: (
    line: string,
    inputs: () => Promise<Inputs>,
    folder: string | null,
  ) => ServedWork | Promise<ServedWork>;
}

/** What differs between a process and a page. */
export interface Place {
  /** What runs the code, such as "Node v20.20.2". */
  readonly runtime: string;
  readonly readInputs: (folder: string) => Promise<Inputs>;
  /** The most memory that was taken, in bytes. */
  readonly peakMemory: () => number;
  /** Tells where an error arose. */
  readonly trace: (error: Error) => void;
}

/** Answers the questions that a side is asked, one after the other. */
export function answerer(host: Host, place: Place): (question: Question) => Promise<Answer> {
  let work: ServedWork | null = null;
  const prepared = (): ServedWork => {
    if (work === null) throw new Error("no line is set up");
    return work;
  };
  const prepare = async (line: string, folder: string | null): Promise<Prepared> => {
    work?.dispose?.();
    work = null;
    work = await host.prepare(line, () => place.readInputs(folder ?? ""), folder);
    const { note = null, flops = null } = work;
    const results: Fingerprints = folder === null ? {} : fingerprints(await work.results());
    return { results, note, flops };
  };
  const ask = async (question: Question): Promise<unknown> => {
    switch (question.do) {
      case "hello":
        host.setThreads(question.threads);
        return { version: host.version, runtime: place.runtime } satisfies Greeting;
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
        return place.peakMemory();
    }
  };
  return async (question) => {
    try {
      return { value: await ask(question) };
    } catch (error) {
      if (host.traces && question.do !== "hello" && error instanceof Error) place.trace(error);
      return { error: error instanceof Error ? error.message : String(error) };
    }
  };
}
