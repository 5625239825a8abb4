/** Elements of a block of rows, which stays in the second-level cache from the first pass to the last. */
const BLOCK = 16384;

/** Calls `run` for blocks of rows, one after the other: where each starts, and how many rows it has. */
export function forEachBlock(rows: number, length: number, run: (first: number, count: number) => void): void {
  const height = Math.max(1, Math.floor(BLOCK / length));
  for (let i = 0; i < rows; i += height) run(i, Math.min(height, rows - i));
}
