import type { Inputs } from "../inputs.ts";
import type { ServedWork } from "../sides/answerer.ts";

/** How a library does the lines whose names match: sets one up from our inputs, or says why it cannot. */
export type Setup = readonly [lines: RegExp, how: ((inputs: Inputs) => ServedWork) | string];

/** Sets a line up by the first entry that matches. */
export async function setUp(
  setups: readonly Setup[],
  line: string,
  inputs: () => Promise<Inputs>,
): Promise<ServedWork> {
  const how = setups.find(([lines]) => lines.test(line))?.[1] ?? "this line is not written for it";
  if (typeof how === "string") throw new Error(how);
  return how(await inputs());
}
