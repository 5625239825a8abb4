import { expect, it } from "vitest";
import { ulpOf } from "../testing.ts";
import { expDouble, expDoubleShort, logDouble } from "./doubleMath.ts";
import {
  buildModule,
  type FunctionBuilder,
  f32x4,
  i32,
  type Local,
  type ModuleBuilder,
  type Value,
  v128,
} from "./encoder.ts";
import { relaxedAvailable } from "./host.ts";

const COUNT = 4000;
const memory = new WebAssembly.Memory({ initial: 1 });
const x = new Float64Array(memory.buffer, 0, COUNT);
const y = new Float64Array(memory.buffer, 8 * COUNT, COUNT);

type Function = (f: FunctionBuilder, x: Local<"v128">) => Value<"v128">;

/** Writes the function of every element of x into y. */
function run(relaxed: boolean, of: Function = expDouble): void {
  const build = (m: ModuleBuilder): void => {
    m.export("run", { p: "i32", end: "i32" }, (f, { p, end }) => {
      f.while(i32.ltU(p, end), () => {
        f.store(p, of(f, f.let(v128.load(p))), 8 * COUNT);
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

/** The largest relative error on COUNT numbers from low to high. */
function worstOf(relaxed: boolean, of: Function, exact: (x: number) => number, low: number, high: number): number {
  for (let i = 0; i < COUNT; i++) x[i] = Math.fround(low + ((high - low) * i) / (COUNT - 1));
  run(relaxed, of);
  return x.reduce((most, at, i) => Math.max(most, Math.abs(y[i]! / exact(at) - 1)), 0);
}

it.each([false, true])("shorter powers of e, relaxed: %s", (relaxed) => {
  if (relaxed && !relaxedAvailable()) return;
  expect(worstOf(relaxed, expDoubleShort, Math.exp, -200, 200)).toBeLessThan(3e-14);
  x.set([0, -1000, 1000]);
  run(relaxed, expDoubleShort);
  expect([y[0], y[1]! < 1e-86, y[2]! > 1e86]).toEqual([expect.closeTo(1, 12), true, true]);
});

it.each([false, true])("logarithms of float32 in double precision, relaxed: %s", (relaxed) => {
  if (relaxed && !relaxedAvailable()) return;
  const log: Function = (f, two) => logDouble(f, f.let(f32x4.demoteF64x2(two)));
  expect(worstOf(relaxed, log, Math.log, 2, 1e6)).toBeLessThan(1e-12);
  expect(worstOf(relaxed, log, Math.log, 2 ** -120, 0.5)).toBeLessThan(1e-12);
  x.set([1, Number.NaN]);
  run(relaxed, log);
  expect([y[0], y[1]]).toEqual([0, Number.NaN]);
});
