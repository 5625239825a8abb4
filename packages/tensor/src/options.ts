import { fail } from "./errors.ts";

/**
 * Checks that an options object has known names only; a misspelt one is answered with the nearest that exists.
 *
 * @param where   the function or class, as the user knows it
 * @param options what the user passed; undefined stands for none
 * @param known   the names that exist
 * @throws TensorError `invalid_option`
 */
export function checkOptions(where: string, options: object | undefined, known: readonly string[]): void {
  if (options === undefined) return;
  if (typeof options !== "object" || options === null) {
    fail(
      "invalid_option",
      where,
      "options come as an object",
      { given: options },
      `for example { ${known[0] ?? ""}: ... }`,
    );
  }
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    const near = nearest(name, known);
    fail(
      "invalid_option",
      where,
      `unknown option "${name}"`,
      { known: known.length > 0 ? known.join(", ") : "none" },
      near === undefined ? undefined : `did you mean ${near}?`,
    );
  }
}

/** The name that takes the fewest edits, if it is near enough to be what was meant. */
export function nearest(name: string, names: readonly string[]): string | undefined {
  const plain = (text: string): string => text.toLowerCase().replaceAll("_", "");
  const ranked = names.map((candidate) => ({ candidate, edits: distance(plain(name), plain(candidate)) }));
  ranked.sort((a, b) => a.edits - b.edits);
  const best = ranked[0];
  return best !== undefined && best.edits <= Math.max(2, name.length / 3) ? best.candidate : undefined;
}

/** The number of insertions, deletions and substitutions between two words (Levenshtein, 1966). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length]!;
}
