/** What is wrong with what the user gave: its message is all that the user should see of it. */
export class Problem extends Error {
  override readonly name = "Problem";
}

/**
 * Ends the command with one message and exit code 2.
 *
 * @param problem what is wrong, in one line
 * @param facts   what shows it, one a line
 * @param hint    what to do about it
 */
export function refuse(
  problem: string,
  facts: readonly (readonly [name: string, value: string])[] = [],
  hint?: string,
): never {
  const width = Math.max(0, ...facts.map(([name]) => name.length));
  const lines = [problem, ...facts.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`)];
  if (hint !== undefined) lines.push(`  hint: ${hint}`);
  throw new Problem(lines.join("\n"));
}
