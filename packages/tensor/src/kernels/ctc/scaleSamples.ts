import type { NDArray } from "../../ndarray.ts";
import { f32x4, i32, v128 } from "../../wasm/encoder.ts";
import { type Entry, launch, lazyModule } from "../../wasm/launch.ts";
import { alongRow } from "../doubleLanes.ts";

const PARAMS = { steps: "i32", count: "i32", bytes: "i32", from: "i32", factors: "i32", to: "i32" } as const;

const code: () => Readonly<Record<"scale", Entry>> = lazyModule("ctcBackward", (m) => {
  // rows of `bytes` bytes, of which the next has the next factor; `count` factors, again for each step
  m.export("scale", PARAMS, (f, { steps, count, bytes, from, factors, to }) => {
    const end = f.let(i32.add(factors, i32.shl(count, 2)));
    f.while(steps, () => {
      const factor = f.let(factors);
      f.while(i32.ltU(factor, end), () => {
        const by = f.let(v128.load32Splat(factor));
        alongRow(f, bytes, [from, to], (step) => step.store(to, f32x4.mul(step.load(from), by)));
        f.step(factor, 4);
      });
      f.step(steps, -1);
    });
  });
});

/** {@link ctcBackward} in four lanes. */
export function scaleSamples(out: NDArray, gradient: NDArray, grad: NDArray): void {
  const [steps, count, classes] = out.shape as [number, number, number];
  launch((frame) => {
    const [from, factors] = [frame.read(gradient), frame.read(grad)];
    code().scale(steps, count, 4 * classes, from, factors, frame.write(out));
  });
}
