import { expect, it } from "vitest";
import { ulpOf } from "../testing.ts";
import { expDouble } from "./doubleMath.ts";
import { buildModule, i32, type ModuleBuilder, v128 } from "./encoder.ts";
import { relaxedAvailable } from "./host.ts";

const COUNT = 4000;
const memory = new WebAssembly.Memory({ initial: 1 });
const x = new Float64Array(memory.buffer, 0, COUNT);
const y = new Float64Array(memory.buffer, 8 * COUNT, COUNT);

/** Writes e to the power of every element of x into y. */
function run(relaxed: boolean): void {
  const build = (m: ModuleBuilder): void => {
    m.export("run", { p: "i32", end: "i32" }, (f, { p, end }) => {
      f.while(i32.ltU(p, end), () => {
        f.store(p, expDouble(f, f.let(v128.load(p))), 8 * COUNT);
        f.step(p, 16);
      });
    });
  };
  const module = new WebAssembly.Module(buildModule("test", build, { relaxed }));
  (new WebAssembly.Instance(module, { env: { memory } }).exports.run as (...args: number[]) => void)(0, 8 * COUNT);
}

it.each([false, true])("powers of e in double precision, relaxed: %s", (relaxed) => {
  if (relaxed && !relaxedAvailable()) return;
  for (const [low, high] of [
    [-708, 709],
    [-2, 2],
    [-1e-6, 1e-6],
  ] as const) {
    for (let i = 0; i < COUNT; i++) x[i] = low + ((high - low) * i) / (COUNT - 1);
    run(relaxed);
    const worst = x.reduce(
      (most, at, i) => Math.max(most, Math.abs(y[i]! - Math.exp(at)) / ulpOf(Math.exp(at), "float64")),
      0,
    );
    expect(worst).toBeLessThanOrEqual(1);
  }
  x.set([0, -0, Number.NEGATIVE_INFINITY, -1e308, -709, Number.NaN]);
  run(relaxed);
  expect([...y.subarray(0, 6)]).toEqual([1, 1, 0, 0, 0, Number.NaN]);
});
