import type { Greeting, Prepared, Question, Timed } from "./protocol.ts";

/** A library that takes part, in a process or a page of its own, which is asked question by question. */
export interface Side {
  readonly name: string;
  /** The version of the library; null where it is not there. */
  readonly version: string | null;
  /** What runs it, such as "Node v20.20.2"; null where that is not told. */
  readonly runtime: string | null;
  /** Why the library is not there; null where it is. */
  readonly absent: string | null;
  prepare(line: string, folder: string | null): Promise<Prepared>;
  time(budget: number): Promise<Timed>;
  repeat(times: number): Promise<void>;
  /** Bytes. */
  memory(): Promise<number>;
  close(): void;
}

/** Who answers for a side. */
export interface Asked {
  /**
   * Asks one question; the next only after the answer.
   *
   * @param expected how long the work itself takes, in milliseconds
   * @throws Error with what the side says against it, or why it has ended
   */
  ask(question: Question, expected?: number): Promise<unknown>;
  close(): void;
}

/** How long an answer may take, in milliseconds, besides the time that was asked for. */
export const PATIENCE = 180_000;

/** Greets a side. One that does not answer, or stops on the way, says why to every question; the others go on. */
export async function sideOf(name: string, asked: Asked, threads: number): Promise<Side> {
  let [greeting, absent]: [Greeting | null, string | null] = [null, null];
  try {
    greeting = (await asked.ask({ do: "hello", threads })) as Greeting;
  } catch (error) {
    absent = (error as Error).message;
    asked.close();
  }
  return {
    name,
    version: greeting?.version ?? null,
    runtime: greeting?.runtime ?? null,
    absent,
    prepare: async (line, folder) => (await asked.ask({ do: "prepare", line, folder })) as Prepared,
    time: async (budget) => (await asked.ask({ do: "time", budget }, budget)) as Timed,
    repeat: async (times) => void (await asked.ask({ do: "repeat", times }, Number.POSITIVE_INFINITY)),
    memory: async () => (await asked.ask({ do: "memory" })) as number,
    close: () => asked.close(),
  };
}
