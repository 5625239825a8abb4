/** Cross entropy along rows, in WebAssembly: the same roundings as those of the softmax family. */
import type { NDArray } from "../../ndarray.ts";
import { f32x4, i32, v128 } from "../../wasm/encoder.ts";
import * as lanes from "../../wasm/laneMath.ts";
import { type Entry, launch, launchable, lazyModule } from "../../wasm/launch.ts";
import { views } from "../../wasm/scratch.ts";
import { rowsOf } from "./lineModule.ts";
import { passes } from "./shortLines.ts";
import { LANES } from "./sums.ts";

/** The number of the target of a row that does not count. */
const NONE = -1;

const FORWARD = { outer: "i32", n: "i32", a: "i32", target: "i32", logs: "i32", out: "i32" } as const;
const BACKWARD = { outer: "i32", n: "i32", a: "i32", target: "i32", logs: "i32", grads: "i32", out: "i32" } as const;

const code: () => Readonly<Record<"forward" | "backward", Entry>> = lazyModule("crossEntropy", (m) => {
  m.export("forward", FORWARD, (f, { outer, n, a, target, logs, out }) => {
    const bytes = f.let(i32.shl(n, 2));
    const lineAt = rowsOf(f, n, bytes);
    f.while(outer, () => {
      const { l, largest, sum } = lineAt([a], out);
      const top = largest();
      const total = sum((x) => lanes.exp(l, l.sub(x, top)));
      const log = f.let(lanes.log(l, total));
      f.store(logs, f32x4.extract(log, 0));
      const index = f.let(i32.load(target));
      const loss = f.local("v128", 0);
      f.if(i32.geS(index, 0), () => {
        const picked = l.sub(v128.load32Splat(i32.add(a, i32.shl(index, 2))), top);
        f.set(loss, l.sub(log, picked));
      });
      f.store(out, f32x4.extract(loss, 0));
      f.step(a, bytes);
      for (const p of [target, logs, out]) f.step(p, 4);
      f.step(outer, -1);
    });
  });
  m.export("backward", BACKWARD, (f, { outer, n, a, target, logs, grads, out }) => {
    const bytes = f.let(i32.shl(n, 2));
    const lineAt = rowsOf(f, n, bytes);
    f.while(outer, () => {
      const { l, largest, write } = lineAt([a], out);
      const top = largest();
      const log = f.let(v128.load32Splat(logs));
      const grad = f.let(v128.load32Splat(grads));
      const share = (x: typeof top): typeof top => lanes.exp(l, l.sub(l.sub(x, top), log));
      // also what lies behind the row is written, and made good by the next row or never read
      write((x) => l.mul(share(x), grad));
      const index = f.let(i32.load(target));
      f.if(i32.geS(index, 0), () => {
        const at = f.let(i32.shl(index, 2));
        const e = share(f.let(v128.load32Splat(i32.add(a, at))));
        f.store(i32.add(out, at), f32x4.extract(l.madd(e, grad, l.neg(grad)), 0));
      });
      for (const p of [a, out]) f.step(p, bytes);
      for (const p of [target, logs, grads]) f.step(p, 4);
      f.step(outer, -1);
    });
  });
});

/** Whether the fast forms can take the operands that hold floating-point numbers, of which the first is written. */
export function rowsLaunchable(...operands: readonly NDArray[]): boolean {
  return operands.every(({ size }) => size > 0) && launchable(...operands);
}

/** Puts {@link NONE} in the place of targets that do not count. */
function markIgnored(pointer: number, rows: number, ignoreIndex: number): void {
  const { int32 } = views();
  for (let i = pointer / 4; i < pointer / 4 + rows; i++) if (int32[i] === ignoreIndex) int32[i] = NONE;
}

/** {@link crossEntropy} in WebAssembly. */
export function crossEntropyFast(
  losses: NDArray,
  logSum: NDArray,
  logits: NDArray,
  target: NDArray,
  ignoreIndex: number,
): void {
  const [rows, classes] = logits.shape as [number, number];
  launch((frame) => {
    const a = frame.read(logits);
    const targets = frame.copy(target);
    const logs = frame.write(logSum);
    const out = frame.write(losses);
    const aside = frame.workspace(8 * logits.size);
    markIgnored(targets, rows, ignoreIndex);
    if (classes >= LANES) {
      code().forward(rows, classes, a, targets, logs, out);
      return;
    }
    const { shift, exps, sum } = passes();
    const raised = aside + 4 * logits.size;
    shift(rows, classes, a, 0, 0, aside);
    exps(logits.size, aside, raised);
    sum(rows, classes, raised, 0, logs, 0);
    const { float32, int32 } = views();
    for (let i = 0; i < rows; i++) {
      const log = Math.fround(Math.log(float32[logs / 4 + i]!));
      const index = int32[targets / 4 + i]!;
      float32[logs / 4 + i] = log;
      float32[out / 4 + i] = index === NONE ? 0 : log - float32[aside / 4 + i * classes + index]!;
    }
  });
}

/** {@link crossEntropyBackward} in WebAssembly. */
export function crossEntropyFastBackward(
  out: NDArray,
  grad: NDArray,
  logSum: NDArray,
  logits: NDArray,
  target: NDArray,
  ignoreIndex: number,
): void {
  const [rows, classes] = logits.shape as [number, number];
  launch((frame) => {
    const a = frame.read(logits);
    const targets = frame.copy(target);
    const logs = frame.read(logSum);
    const grads = frame.copy(grad); // 0 where the target does not count
    const to = frame.write(out);
    const aside = frame.workspace(4 * logits.size);
    markIgnored(targets, rows, ignoreIndex);
    const { float32, int32 } = views();
    for (let i = 0; i < rows; i++) if (int32[targets / 4 + i] === NONE) float32[grads / 4 + i] = 0;
    if (classes >= LANES) {
      code().backward(rows, classes, a, targets, logs, grads, to);
      return;
    }
    const { shift, exps, minus, timesLessTarget } = passes();
    shift(rows, classes, a, 0, 0, aside);
    minus(rows, classes, aside, 0, logs, aside);
    exps(logits.size, aside, aside);
    timesLessTarget(rows, classes, aside, targets, grads, to);
  });
}
