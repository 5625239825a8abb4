import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { type Answer, type Greeting, type Prepared, type Question, reasonIn, type Timed } from "./protocol.ts";

/** A library that takes part, in a process of its own which is asked line by line. */
export interface Side {
  readonly name: string;
  /** The version of the library; null where it is not there. */
  readonly version: string | null;
  /** Why the library is not there; null where it is. */
  readonly absent: string | null;
  prepare(line: string, folder: string | null): Promise<Prepared>;
  time(budget: number): Promise<Timed>;
  repeat(times: number): Promise<void>;
  /** Bytes. */
  memory(): Promise<number>;
  close(): void;
}

/** How to start a side. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  /** Whether what it says on stderr is passed on; else it is kept, to say why it ended. @defaultValue false */
  readonly loud?: boolean;
}

/** How long an answer may take, in milliseconds, besides the time that was asked for. */
const PATIENCE = 180_000;

/** Starts a side. One that cannot start, or stops on the way, says why to every question; the others go on. */
export async function startSide(name: string, command: Command, threads: number): Promise<Side> {
  const child = new Child(command);
  let [version, absent]: [string | null, string | null] = [null, null];
  try {
    ({ version } = (await child.ask({ do: "hello", threads })) as Greeting);
  } catch (error) {
    absent = (error as Error).message;
    child.close();
  }
  return {
    name,
    version,
    absent,
    prepare: async (line, folder) => (await child.ask({ do: "prepare", line, folder })) as Prepared,
    time: async (budget) => (await child.ask({ do: "time", budget }, budget)) as Timed,
    repeat: async (times) => void (await child.ask({ do: "repeat", times }, Number.POSITIVE_INFINITY)),
    memory: async () => (await child.ask({ do: "memory" })) as number,
    close: () => child.close(),
  };
}

/** Ends all sides that are still there. */
export function closeAll(): void {
  for (const child of running) child.close();
}

const running: Set<Child> = new Set();

/** A process that answers each line on its input with one on its output. */
class Child {
  readonly #process: ChildProcessWithoutNullStreams;
  #ended: string | null = null;
  #settle: ((answer: Answer) => void) | null = null;
  #errors = "";

  constructor({ program, args, loud = false }: Command) {
    this.#process = spawn(program, args, { stdio: "pipe" });
    running.add(this);
    createInterface({ input: this.#process.stdout }).on("line", (line) => this.#answer(JSON.parse(line) as Answer));
    this.#process.stderr.on("data", (text) => {
      if (loud) process.stderr.write(text);
      this.#errors = (this.#errors + String(text)).slice(-4096);
    });
    this.#process.stdin.on("error", () => undefined); // what is asked of a process that has ended; "close" says why
    this.#process.on("error", (error) => this.#end(error.message));
    this.#process.on("close", (code, signal) => {
      this.#end(reasonIn(this.#errors) || `it ended with ${signal ?? `exit code ${code}`}`);
    });
  }

  /** Asks one question; the next only after the answer. */
  async ask(question: Question, expected = 0): Promise<unknown> {
    let timer: NodeJS.Timeout | undefined;
    const answer = await new Promise<Answer>((resolve) => {
      if (this.#ended !== null) return resolve({ error: this.#ended });
      this.#settle = resolve;
      if (Number.isFinite(expected)) timer = setTimeout(() => this.#giveUp(), PATIENCE + expected);
      this.#process.stdin.write(`${JSON.stringify(question)}\n`);
    });
    clearTimeout(timer);
    if ("error" in answer) throw new Error(answer.error);
    return answer.value;
  }

  close(): void {
    running.delete(this);
    this.#process.kill("SIGKILL");
  }

  #giveUp(): void {
    this.#end(`no answer within ${PATIENCE / 1000} s`);
    this.close();
  }

  #end(reason: string): void {
    this.#ended ??= reason;
    this.#answer({ error: this.#ended });
    running.delete(this);
  }

  #answer(answer: Answer): void {
    const settle = this.#settle;
    this.#settle = null;
    settle?.(answer);
  }
}
