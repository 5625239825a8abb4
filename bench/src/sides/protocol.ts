import type { Fingerprints } from "../fingerprint.ts";

/** What a side is asked, one JSON value a line. */
export type Question =
  /** Who are you? Sets the number of threads. */
  | { readonly do: "hello"; readonly threads: number }
  /** Set a line up anew, in place of the last one. `folder`: where inputs are read, by ours written; null: no results are wanted. */
  | { readonly do: "prepare"; readonly line: string; readonly folder: string | null }
  /** How long does a unit take? For about `budget` milliseconds. */
  | { readonly do: "time"; readonly budget: number }
  /** Run so many times, untimed. */
  | { readonly do: "repeat"; readonly times: number }
  /** How much memory has the process taken at most? */
  | { readonly do: "memory" };

/** What comes back: a value, or why there is none. The process is ready for the next question in both cases. */
export type Answer = { readonly value: unknown } | { readonly error: string };

/** The answer to "hello". */
export interface Greeting {
  readonly version: string;
  /** What runs it, such as "Node v20.20.2"; not told by PyTorch. */
  readonly runtime?: string;
}

/** The answer to "prepare". */
export interface Prepared {
  readonly results: Fingerprints;
  /** What a reader of the times should know, such as a shorter chain. */
  readonly note: string | null;
  readonly flops: number | null;
}

/** The answer to "time". */
export interface Timed {
  /** Milliseconds a unit. */
  readonly time: number;
  /** Flops a second that 128-bit multiply-adds reach at this moment; null where it was not measured. */
  readonly peak: number | null;
}

/** Of what a process said before it ended, the line that says why: the last one that names an error, or the last one. */
export function reasonIn(output: string): string {
  const said = output.split("\n").filter((line) => line.trim() !== "");
  const error = said.findLast((line) => /^\w*Error\b.*: /.test(line)) ?? said.at(-1) ?? "";
  return error.trim().replace(/ imported from .*/, "");
}
