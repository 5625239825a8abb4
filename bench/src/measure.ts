import { performance } from "node:perf_hooks";
import type { Work } from "./line.ts";

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

/** Runs work again and again for `budget` milliseconds, at least `least` times, and gives the median time of a unit. */
export function time({ run, per = 1 }: Work, budget: number, least = 5): number {
  const times: number[] = [];
  const end = performance.now() + budget;
  while (times.length < least || performance.now() < end) {
    const start = performance.now();
    run();
    times.push(performance.now() - start);
  }
  return median(times) / per;
}
