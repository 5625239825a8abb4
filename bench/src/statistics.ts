/** Times of one side, in milliseconds a unit. */
export interface Timing {
  readonly median: number;
  /** Half the distance between the quartiles, over the median. */
  readonly spread: number;
}

/** The middle of some numbers. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Median and spread of some times. */
export function summarise(times: readonly number[]): Timing {
  const sorted = [...times].sort((a, b) => a - b);
  const quartile = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
  const middle = median(sorted);
  return { median: middle, spread: (quartile(0.75) - quartile(0.25)) / 2 / middle };
}

/** The median of the ratios of times that were taken one right after the other: a machine that is slow for both does not count. */
export function pairwiseRatio(times: readonly number[], others: readonly number[]): number {
  return median(times.map((time, i) => time / others[i]!));
}
