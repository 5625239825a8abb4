import type { NDArray } from "../../ndarray.ts";
import { sizeOf } from "../../shape.ts";
import * as lanes from "../../wasm/laneMath.ts";
import { type Entry, launch, launchable, lazyModule } from "../../wasm/launch.ts";
import { forEachBlock } from "./blocks.ts";
import { exportLines } from "./lineModule.ts";

/** The kernels along a line. */
export type LineKernel = "softmax" | "logSoftmax" | "softmaxBackward" | "logSoftmaxBackward" | "logsumexp";

const code: () => Readonly<Record<`${LineKernel}${"Rows" | "Columns"}`, Entry>> = lazyModule("softmax", (m) => {
  exportLines(m, "softmax", 1, false, ({ l, largest, sum, rewrite }) => {
    const top = largest();
    // in units of 2²⁵, which the ratio does not see
    const total = sum((x) => lanes.liftedExp(l, l.sub(x, top)), true);
    const scale = l.div(1, total);
    rewrite((e) => l.mul(e, scale));
  });
  exportLines(m, "logSoftmax", 1, false, ({ l, largest, sum, write }) => {
    const top = largest();
    const total = sum((x) => lanes.liftedExp(l, l.sub(x, top)));
    const log = lanes.log(l, l.mul(total, 1 / lanes.LIFTED));
    write((x) => l.sub(l.sub(x, top), log));
  });
  exportLines(m, "softmaxBackward", 2, false, ({ l, sum, write }) => {
    const total = sum((g, y) => l.mul(g, y));
    write((g, y) => l.mul(y, l.sub(g, total)));
  });
  exportLines(m, "logSoftmaxBackward", 2, false, ({ l, sum, write }) => {
    const total = sum((g) => g);
    write((g, y) => l.madd(l.neg(lanes.exp(l, y)), total, g));
  });
  exportLines(m, "logsumexp", 1, true, ({ l, largest, sum, writeOne }) => {
    const largestFinite = largest();
    // ∞ − ∞ is NaN: where the largest is infinite nothing is subtracted
    const top = l.select(l.lt(l.abs(largestFinite), Number.POSITIVE_INFINITY), largestFinite, 0);
    writeOne(
      l.add(
        top,
        lanes.log(
          l,
          sum((x) => lanes.exp(l, l.sub(x, top))),
        ),
      ),
    );
  });
});

/** Whether the fast forms can take the operands, of which the first is written. */
export function linesLaunchable(...operands: readonly NDArray[]): boolean {
  return operands[0]!.size > 0 && launchable(...operands);
}

/** Runs a kernel along the dimensions from `first` to `last`, which are taken as one. */
export function runLines(
  kernel: LineKernel,
  out: NDArray,
  inputs: readonly NDArray[],
  first: number,
  last: number = first,
): void {
  const { shape } = inputs[0]!;
  const outer = sizeOf(shape.slice(0, first));
  const n = sizeOf(shape.slice(first, last + 1));
  const inner = sizeOf(shape.slice(last + 1));
  if (inner === 1 && out.isContiguous && inputs.every((x) => x.isContiguous)) {
    const length = out.size / outer;
    forEachBlock(outer, n, (i, count) => {
      const part = (x: NDArray, size: number): NDArray =>
        count === outer ? x : x.view([count, size], [size, 1], x.offset + i * size);
      runRows(
        kernel,
        part(out, length),
        inputs.map((x) => part(x, n)),
        count,
        n,
      );
    });
  } else if (inner === 1) runRows(kernel, out, inputs, outer, n);
  else {
    launch((frame) => {
      const [a = 0, b = 0] = inputs.map((x) => frame.read(x));
      code()[`${kernel}Columns`](outer, n, inner, frame.write(out), a, b);
    });
  }
}

function runRows(kernel: LineKernel, out: NDArray, inputs: readonly NDArray[], rows: number, n: number): void {
  launch((frame) => {
    const [a = 0, b = 0] = inputs.map((x) => frame.read(x));
    code()[`${kernel}Rows`](rows, n, frame.write(out), a, b);
  });
}
