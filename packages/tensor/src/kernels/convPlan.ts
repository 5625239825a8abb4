import type { Field } from "./convField.ts";
import type { ConvGeometry, Pair } from "./convGeometry.ts";

/** One sweep over outputs that read the same taps. All distances are in elements. */
export interface Sweep {
  /** Where each tap lies in the field, from where the output lies. */
  readonly taps: number[];
  /** Where its weight lies, from the first weight of the output's channel. */
  readonly weights: number[];
  /** Outputs of the sweep: rows and columns. */
  readonly rows: number;
  readonly columns: number;
  /** Where the first of them lies in its plane, and the distances between rows and between columns. */
  readonly first: number;
  readonly rowStep: number;
  readonly step: number;
}

/** Along one direction: the input elements of one phase, and which elements of a window see them, how far back. */
interface Phase {
  /** First and past-the-last element of the phase, counted in strides from the first window's start. */
  readonly start: number;
  readonly end: number;
  /** The first element, counted in the input. */
  readonly first: number;
  readonly taps: readonly { readonly tap: number; readonly back: number }[];
}

function phasesOf(size: number, kernel: number, stride: number, padding: number, dilation: number): Phase[] {
  return Array.from({ length: stride }, (_, a) => {
    const start = Math.ceil((padding - a) / stride);
    const end = Math.ceil((padding + size - a) / stride);
    const all = Array.from({ length: kernel }, (_, tap) => ({ tap, back: (tap * dilation - a) / stride }));
    return { start, end, first: start * stride + a - padding, taps: all.filter(({ back }) => Number.isInteger(back)) };
  });
}

/** Elements of `size` that the phases read, and how many before the first. */
function reachOf(phases: readonly Phase[]): { readonly before: number; readonly length: number } {
  const busy = phases.filter(({ start, end }) => end > start);
  const reads = busy.flatMap(({ start, end, taps }) =>
    taps.map(({ back }) => ({ low: start - back, high: end - back })),
  );
  const before = Math.max(0, ...reads.map(({ low }) => -low));
  return { before, length: Math.max(1, ...reads.map(({ high }) => high + before)) };
}

/** How the gradient of a convolution's input reads the gradient of its result: one sweep for every phase of the stride. */
export function gradInputPlan(
  { stride, padding, dilation }: ConvGeometry,
  [height, width]: Pair,
  [rows, columns]: Pair,
  [kernelRows, kernelColumns]: Pair,
  outputs: number,
  depth: number,
): { readonly field: Field; readonly sweeps: Sweep[] } {
  const down = phasesOf(height, kernelRows, stride[0], padding[0], dilation[0]);
  const across = phasesOf(width, kernelColumns, stride[1], padding[1], dilation[1]);
  const [reachDown, reachAcross] = [reachOf(down), reachOf(across)];
  const field: Field = {
    height: rows,
    width: columns,
    stride: [1, 1],
    before: [reachDown.before, reachAcross.before],
    rows: reachDown.length,
    pitch: reachAcross.length,
  };
  const sweeps: Sweep[] = [];
  for (const vertical of down) {
    for (const horizontal of across) {
      const taps: number[] = [];
      const weights: number[] = [];
      for (let o = 0; o < outputs; o++) {
        for (const { tap: u, back: up } of vertical.taps) {
          for (const { tap: v, back: left } of horizontal.taps) {
            const row = o * field.rows + vertical.start - up + field.before[0];
            taps.push(row * field.pitch + horizontal.start - left + field.before[1]);
            weights.push((o * depth * kernelRows + u) * kernelColumns + v);
          }
        }
      }
      sweeps.push({
        taps,
        weights,
        rows: Math.max(0, vertical.end - vertical.start),
        columns: Math.max(0, horizontal.end - horizontal.start),
        first: vertical.first * width + horizontal.first,
        rowStep: stride[0] * width,
        step: stride[1],
      });
    }
  }
  return { field, sweeps };
}
