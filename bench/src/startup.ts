import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { median } from "./statistics.ts";

/** What a new process waits for, in milliseconds. */
export interface Startup {
  /** Until `import "tapegrad"` is there. */
  readonly load: number;
  /** Until data are drawn and the model is made. */
  readonly setup: number;
  /** Until the first training step is done: kernels are compiled in it. */
  readonly firstStep: number;
  /** The training steps after it. */
  readonly laterStep: number;
}

/** The names of the parts, in order. */
export const startupParts = ["load", "setup", "firstStep", "laterStep"] as const;

/** Medians over so many processes of the MLP's line. `built`: the folder with the compiled benchmark. `node`: the program that runs it. */
export function measureStartup(built: string, processes: number, node: string = process.execPath): Startup {
  const runs = Array.from({ length: processes }, () => {
    const { status, stdout, stderr } = spawnSync(node, [join(built, "startupProbe.js")], {
      encoding: "utf8",
    });
    if (status !== 0) throw new Error(stderr);
    return JSON.parse(stdout) as Startup;
  });
  const part = (name: keyof Startup): number => median(runs.map((run) => run[name]));
  return { load: part("load"), setup: part("setup"), firstStep: part("firstStep"), laterStep: part("laterStep") };
}
