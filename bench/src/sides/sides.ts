import { fileURLToPath } from "node:url";
import type { Command } from "./child.ts";

/** The libraries beside ours, in the order of the table. */
export const otherNames = ["torch", "jax-js", "tfjs"] as const;

/** A library beside ours. */
export type OtherName = (typeof otherNames)[number];

/** Ourselves once more, when the run is about threads. */
export const ONE_THREAD = "one thread";

/** How the table calls the sides. */
export const titles: Readonly<Record<string, string>> = { ours: "tapegrad", torch: "PyTorch" };

/** Whether a side is another JavaScript library: one of which the best counts. */
export function isPeer(name: string): boolean {
  return name !== "ours" && name !== "torch" && name !== ONE_THREAD;
}

const extension = import.meta.url.slice(import.meta.url.lastIndexOf("."));
const script = (path: string): string => fileURLToPath(new URL(`${path}${extension}`, import.meta.url));
const python = fileURLToPath(new URL("../../python/main.py", import.meta.url));

/**
 * The process of a side; JavaScript ones with the flags of this process.
 *
 * @param node the program that runs them
 */
export function commandOf(name: "ours" | OtherName, node: string = process.execPath): Command {
  if (name === "torch") return { program: "python3", args: [python] };
  const paths = { ours: "./ours", "jax-js": "../peers/jax/main", tfjs: "../peers/tfjs/main" };
  return { program: node, args: [...process.execArgv, script(paths[name])], loud: name === "ours" };
}
