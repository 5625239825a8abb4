import { type Command, startSide } from "./sides/child.ts";
import type { Side } from "./sides/side.ts";
import { commandOf, type OtherName } from "./sides/sides.ts";

/** The most memory that a process has had, in bytes. */
export interface Peaks {
  /** After half of the steps. */
  readonly half: number;
  /** After all of them: no more than `half` if memory is flat. */
  readonly all: number;
}

/** What one training line takes, in a process of its own; null where a library is not there or fails. */
export interface MemoryRow {
  readonly name: string;
  readonly ours: Peaks | { readonly cannot: string };
  readonly torch: Peaks | { readonly cannot: string } | null;
}

/** What to measure. */
export interface MemoryPlan {
  readonly lines: readonly string[];
  readonly steps: number;
  readonly against: readonly OtherName[];
  readonly threads: number;
  /** How our side is started: built, without a loader. */
  readonly ours: Command;
}

/** Runs each training line for many steps in a fresh process, ours and PyTorch's. `done` is told of each line. */
export async function measureMemory(
  { lines, steps, against, threads, ours }: MemoryPlan,
  done: (line: string) => void,
): Promise<MemoryRow[]> {
  const rows: MemoryRow[] = [];
  for (const name of lines) {
    const mine = await peaksOf(await startSide("ours", ours, threads), name, steps);
    const theirs = against.includes("torch")
      ? await peaksOf(await startSide("torch", commandOf("torch"), threads), name, steps)
      : null;
    rows.push({ name, ours: mine, torch: theirs });
    done(name);
  }
  return rows;
}

async function peaksOf(side: Side, line: string, steps: number): Promise<Peaks | { readonly cannot: string }> {
  try {
    if (side.absent !== null) return { cannot: side.absent };
    await side.prepare(line, null);
    const first = Math.ceil(steps / 2);
    await side.repeat(first);
    const half = await side.memory();
    await side.repeat(steps - first);
    return { half, all: await side.memory() };
  } catch (error) {
    return { cannot: (error as Error).message };
  } finally {
    side.close();
  }
}
