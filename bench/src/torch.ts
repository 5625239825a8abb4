import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const script = fileURLToPath(new URL("../python/lines.py", import.meta.url));

/** PyTorch on one thread, in a process that is asked line by line. */
export interface Torch {
  readonly version: string;
  /** Sets a line up anew and gives its number to compare; null where PyTorch does not have the line. */
  check(line: string): Promise<number | null>;
  /** The median time of a unit, in milliseconds. */
  time(line: string, budget: number): Promise<number>;
  close(): void;
}

/** Starts PyTorch, or says that there is none. */
export async function startTorch(threads: number): Promise<Torch | null> {
  if (spawnSync("python3", ["-c", "import torch"], { stdio: "ignore" }).status !== 0) return null;
  const child: ChildProcessWithoutNullStreams = spawn("python3", [script, String(threads)], { stdio: "pipe" });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  child.stderr.pipe(process.stderr);
  const ask = async (question: object): Promise<unknown> => {
    child.stdin.write(`${JSON.stringify(question)}\n`);
    return JSON.parse((await answers.next()).value as string);
  };
  const version = (await ask({ do: "version" })) as string;
  return {
    version,
    check: async (line) => (await ask({ do: "check", line })) as number | null,
    time: async (line, budget) => (await ask({ do: "time", line, budget })) as number,
    close: () => child.stdin.end(),
  };
}
