/** Cross entropy along rows, in WebAssembly: the same roundings as those of the softmax family. */
import type { NDArray } from "../../ndarray.ts";
import { f32x4, i32, v128 } from "../../wasm/encoder.ts";
import * as lanes from "../../wasm/laneMath.ts";
import { type Entry, launch, launchable, lazyModule } from "../../wasm/launch.ts";
import { forEachBlock } from "./blocks.ts";
import { rowsOf } from "./lineModule.ts";
import { passes } from "./shortLines.ts";
import { LANES } from "./sums.ts";

/** No class, and so the number of no target that is checked. */
const NONE = -1;

const SIZES = { outer: "i32", n: "i32" } as const;
const POINTERS = { a: "i32", target: "i32", ignored: "i32", losses: "i32", out: "i32" } as const;
const PARAMS = { ...SIZES, ...POINTERS, factor: "f32" } as const;

const code: () => Readonly<Record<"losses" | "slopes", Entry>> = lazyModule("crossEntropy", (m) => {
  for (const name of ["losses", "slopes"] as const) {
    m.export(name, PARAMS, (f, { outer, n, a, target, ignored, losses, out, factor }) => {
      const bytes = f.let(i32.shl(n, 2));
      const lineAt = rowsOf(f, n, bytes);
      const whole = f.let(f32x4.splat(factor));
      f.while(outer, () => {
        const { l, largest, sum, rewrite } = lineAt([a], out);
        const top = largest();
        // all in units of 2²⁵, which the shares do not see
        const total = sum((x) => lanes.liftedExp(l, l.sub(x, top)), name === "slopes");
        const index = f.let(i32.load(target));
        const at = f.let(i32.shl(index, 2));
        const counts = f.let(i32.ne(index, ignored));
        const loss = f.local("v128", 0);
        const share = f.local("v128", 0);
        f.if(counts, () => {
          const picked = l.sub(v128.load32Splat(i32.add(a, at)), top);
          f.set(loss, l.sub(lanes.log(l, l.mul(total, 1 / lanes.LIFTED)), picked));
          f.set(share, whole);
        });
        f.store(losses, f32x4.extract(loss, 0));
        if (name === "slopes") {
          const part = l.div(share, total);
          const slope = f.local("v128");
          f.if(counts, () => f.set(slope, l.madd(f.let(v128.load32Splat(i32.add(out, at))), part, l.neg(share))));
          // also what lies behind the row is written, and made good by the next row or never read
          rewrite((e) => l.mul(e, part));
          f.if(counts, () => f.store(i32.add(out, at), f32x4.extract(slope, 0)));
          f.step(out, bytes);
        }
        f.step(a, bytes);
        for (const p of [target, losses]) f.step(p, 4);
        f.step(outer, -1);
      });
    });
  }
});

/** Whether the fast form can take the operands that hold floating-point numbers. */
export function rowsLaunchable(losses: NDArray, slopes: NDArray | null, logits: NDArray): boolean {
  return logits.size > 0 && launchable(losses, logits) && (slopes === null || launchable(slopes));
}

/** {@link crossEntropy} in WebAssembly, block by block. */
export function crossEntropyFast(
  losses: NDArray,
  slopes: NDArray | null,
  logits: NDArray,
  target: NDArray,
  ignoreIndex: number,
  factor: number,
): void {
  const [rows, classes] = logits.shape as [number, number];
  const ignored = (ignoreIndex | 0) === ignoreIndex ? ignoreIndex : NONE;
  forEachBlock(rows, classes, (i, n) => {
    if (n === rows) runBlock(losses, slopes, logits, target, ignored, factor);
    else {
      const to = slopes?.slice(0, i, n) ?? null;
      runBlock(losses.slice(0, i, n), to, logits.slice(0, i, n), target.slice(0, i, n), ignored, factor);
    }
  });
}

function runBlock(
  losses: NDArray,
  slopes: NDArray | null,
  logits: NDArray,
  target: NDArray,
  ignored: number,
  factor: number,
): void {
  const [rows, classes] = logits.shape as [number, number];
  launch((frame) => {
    const a = frame.read(logits);
    const targets = frame.read(target);
    const to = slopes === null ? 0 : frame.write(slopes);
    const out = frame.write(losses);
    if (classes >= LANES) {
      code()[to === 0 ? "losses" : "slopes"](rows, classes, a, targets, ignored, out, to, factor);
      return;
    }
    const { shift, exps, entropies } = passes();
    const shifted = frame.workspace(4 * logits.size);
    const raised = frame.workspace(4 * logits.size);
    shift(rows, classes, a, 0, 0, shifted);
    exps(logits.size, shifted, raised);
    entropies(rows, classes, shifted, raised, targets, ignored, out, to, factor);
  });
}
