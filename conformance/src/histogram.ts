import type { FileResult } from "./suite.ts";
import type { Precision } from "./verdict.ts";

/** Below this many ulps an error is that of a correct rounding or two, and no comparison means anything. */
export const floorUlps = 2;

/** A bar of the histogram. */
export interface Bar {
  readonly label: string;
  readonly count: number;
}

const bars: readonly (readonly [label: string, holds: (precision: Precision) => boolean])[] = [
  ["both within half an ulp", ({ ours, torch }) => ours <= 0.5 && torch <= 0.5],
  ["less than half of torch's", ({ ours, torch }) => ours < torch / 2],
  ["less than torch's", ({ ours, torch }) => ours < torch],
  ["torch's", ({ ours, torch }) => ours === torch],
  [`more, but at most ${floorUlps} ulps`, ({ ours }) => ours <= floorUlps],
  ["up to twice torch's", ({ ours, torch }) => ours <= 2 * torch],
  ["up to ten times torch's", ({ ours, torch }) => ours <= 10 * torch],
  ["more than ten times torch's", () => true],
];

/** Our float32 error beside torch's own, case by case: every case is counted in the first bar that it fits. */
export function histogram(precisions: readonly Precision[]): Bar[] {
  const counts = bars.map(() => 0);
  for (const precision of precisions) counts[bars.findIndex(([, holds]) => holds(precision))]!++;
  return bars.map(([label], i) => ({ label, count: counts[i]! }));
}

/** The precisions of a run. */
export function precisionsOf(results: readonly FileResult[]): Precision[] {
  return results.flatMap(({ outcomes }) =>
    outcomes.flatMap(({ precision }) => (precision === null ? [] : [precision])),
  );
}

/** The histogram as text. */
export function drawHistogram(drawn: readonly Bar[]): string {
  const width = Math.max(...drawn.map(({ label }) => label.length));
  const most = Math.max(1, ...drawn.map(({ count }) => count));
  return drawn
    .map(({ label, count }) => {
      const bar = "█".repeat(Math.ceil((40 * count) / most));
      return `  ${label.padEnd(width)}  ${String(count).padStart(6)}  ${bar}`.trimEnd();
    })
    .join("\n");
}
