import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { type Answer, type Question, reasonIn } from "./protocol.ts";
import { type Asked, PATIENCE, type Side, sideOf } from "./side.ts";

/** How to start a side. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  /** Whether what it says on stderr is passed on; else it is kept, to say why it ended. @defaultValue false */
  readonly loud?: boolean;
}

/** Starts a side in a process of its own. */
export function startSide(name: string, command: Command, threads: number): Promise<Side> {
  return sideOf(name, new Child(command), threads);
}

/** Ends all processes that are still there. */
export function closeAll(): void {
  for (const child of running) child.close();
}

const running: Set<Child> = new Set();

/** A process that answers each line on its input with one on its output. */
class Child implements Asked {
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
