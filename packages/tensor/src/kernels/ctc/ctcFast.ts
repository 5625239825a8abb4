import { bytesOf } from "../../dtype.ts";
import type { NDArray } from "../../ndarray.ts";
import { wasmAvailable } from "../../wasm/host.ts";
import { type Entry, type Frame, launch, lazyModule } from "../../wasm/launch.ts";
import { views } from "../../wasm/scratch.ts";
import * as functions from "../elementwise/functions.ts";
import { exportPowers, exportRead, exportWrite } from "./ctcChances.ts";
import { exportArrive, exportMeet, FACTS, PAIR } from "./ctcPasses.ts";
import { LabelReader, type Labels } from "./labels.ts";
import { logOfProduct } from "./limits.ts";

type Name = "arrive" | "meet" | `${"powers" | "read" | "write"}${32 | 64}`;

const code: () => Readonly<Record<Name, Entry>> = lazyModule("ctc", (m) => {
  exportPowers(m);
  for (const bytes of [4, 8] as const) {
    exportRead(m, bytes);
    exportWrite(m, bytes);
  }
  exportArrive(m);
  exportMeet(m);
});

/** Where a sample's intermediate results are in memory, in bytes; all samples use the same space. */
interface Space {
  /** int32, [labels]: where the labels of a row of chances are in a row of log-probabilities. */
  readonly places: number;
  /** What does not change for a pair of labels. */
  readonly facts: number;
  /** [steps, labels] */
  readonly chances: number;
  /** [steps, labels] */
  readonly shares: number;
  /** [steps] */
  readonly tops: number;
  readonly sums: number;
  readonly factors: number;
  /** [1 + steps, states] */
  readonly there: number;
  readonly ahead: number;
}

const evenly = (n: number): number => n + (n & 1);
/** Pairs of labels in a row of states, with those in front and behind. */
const pairsOf = (labels: number): number => (labels >> 1) + 3;
/** Elements of a row of chances: one or two zeros in front. */
const widthOf = (distinct: number): number => (distinct + 2) & -2;

function spaceFor(frame: Frame, steps: number, { longest, widest }: LabelReader): Space {
  const row = 8 * widthOf(widest);
  const states = PAIR * pairsOf(longest);
  const perStep = 8 * evenly(steps);
  return {
    places: frame.workspace(row / 2),
    facts: frame.workspace(FACTS * pairsOf(longest)),
    chances: frame.workspace(steps * row),
    shares: frame.workspace(steps * row),
    tops: frame.workspace(perStep),
    sums: frame.workspace(perStep),
    factors: frame.workspace(perStep),
    there: frame.workspace((1 + steps) * states),
    ahead: frame.workspace(states),
  };
}

const MOST_ELEMENTS = 2 ** 26;
const MOST_BYTES = 2 ** 27; // of states: more would stay with the kernels for good

/** Whether {@link ctcFast} takes a batch: it must not be enormous. */
export function ctcLaunchable(logProbs: NDArray, targetLengths: NDArray): boolean {
  if (logProbs.size === 0 || logProbs.size > MOST_ELEMENTS || !wasmAvailable()) return false;
  let longest = 0;
  for (let n = 0; n < targetLengths.size; n++) longest = Math.max(longest, targetLengths.get(n));
  return (1 + logProbs.shape[0]!) * PAIR * pairsOf(longest) <= MOST_BYTES;
}

/** {@link ctc} in WebAssembly. */
export function ctcFast(
  losses: NDArray,
  gradient: NDArray | null,
  logProbs: NDArray,
  targets: NDArray,
  inputLengths: NDArray,
  targetLengths: NDArray,
  blank: number,
): void {
  const [most, count, classes] = logProbs.shape as [number, number, number];
  const reader = new LabelReader(targets, targetLengths, blank, classes);
  const lengths = inputLengths.toArray();
  const bytes = bytesOf[logProbs.dtype];
  const single = bytes === 4;
  const rowStep = count * classes * bytes;
  if (gradient !== null && !single) functions.exp.js(gradient, logProbs);
  launch((frame) => {
    const from = frame.read(logProbs);
    const to = gradient === null ? 0 : single ? frame.write(gradient) : frame.modify(gradient);
    const space = spaceFor(frame, most, reader);
    const run = code();
    const { float32, float64 } = views();
    if (gradient !== null && single) run.powers32(4 * logProbs.size, from, to);
    for (let n = 0; n < count; n++) {
      const steps = lengths[n]!;
      const labels = reader.next();
      const start = n * classes * bytes;
      const total = oneSample(run, space, labels, steps, bytes, from + start, to === 0 ? 0 : to + start, rowStep);
      losses.data[losses.offset + n * losses.stride[0]!] = 0 - total;
      if (gradient === null) continue;
      const elements = single ? float32 : float64;
      for (let t = steps; t < most; t++) {
        const row = (to + start + t * rowStep) / bytes;
        elements.fill(0, row, row + classes);
      }
    }
  });
}

/** The log-likelihood of one sample, and its gradient; NaN where that might not be exact. */
function oneSample(
  run: Readonly<Record<Name, Entry>>,
  space: Space,
  labels: Labels,
  steps: number,
  bytes: number,
  from: number,
  to: number,
  rowStep: number,
): number {
  const { count, width: distinct } = labels;
  if (steps === 0 || count > steps) return Number.NaN;
  const { places, facts, chances, shares, tops, sums, factors, ahead } = space;
  const width = 8 * widthOf(distinct);
  const pads = width - 8 * distinct;
  const rowBytes = PAIR * pairsOf(count);
  const there = space.there + rowBytes + PAIR;
  writeLabels(space, labels, bytes);
  const read = bytes === 4 ? run.read32 : run.read64;
  if (read(steps, from, rowStep, width, pads, places, chances, tops) === 0) return Number.NaN;
  run.powers64(steps * width, chances);
  if (run.arrive(steps, count, facts, pads, chances, width, there, rowBytes, sums) === 0) return Number.NaN;
  const total = totalOf(space, steps);
  if (to === 0) return total;
  if (run.meet(steps, count, facts, pads, chances, width, there, rowBytes, ahead, shares, factors) === 0) {
    return Number.NaN;
  }
  run.powers64(8 * steps, tops);
  const write = bytes === 4 ? run.write32 : run.write64;
  write(steps, to, rowStep, width, places, chances, tops, shares, factors);
  return total;
}

/** Writes what the passes must know of the labels. */
function writeLabels({ places, facts }: Space, { count, distinct, width, slots }: Labels, bytes: number): void {
  const { int32 } = views();
  const pads = widthOf(width) - width;
  // zeros in front stand in the blank's place, and what is written there is then overwritten
  for (let i = 0, at = places / 4; i < pads; i++) int32[at + i] = distinct[0]! * bytes;
  for (let i = 0, at = places / 4 + pads; i < width; i++) int32[at + i] = distinct[i]! * bytes;
  const pairs = pairsOf(count) - 1;
  for (let pair = 0, at = facts / 4; pair < pairs; pair++, at += FACTS / 4) {
    for (let half = 0; half < 2; half++) {
      const j = 2 * pair + half;
      const mask = j > 0 && j < count && slots[j] !== slots[j - 1] ? -1 : 0;
      const next = j + 1 < count && slots[j + 1] !== slots[j] ? -1 : 0;
      int32[at + 2 * half] = mask;
      int32[at + 2 * half + 1] = mask;
      int32[at + 4 + 2 * half] = next;
      int32[at + 5 + 2 * half] = next;
      int32[at + 8 + half] = j < count ? 8 * (slots[j]! + pads) : 0;
    }
  }
}

/** The logarithm of the product of the sums, and the largest log-probabilities that were taken out. */
function totalOf({ sums, tops }: Space, steps: number): number {
  const { float64 } = views();
  let total = logOfProduct(float64, sums / 8, steps);
  for (let i = tops / 8; i < tops / 8 + steps; i++) total += float64[i]!;
  return total;
}
