import { describe, expect, it } from "vitest";
import { erf } from "../kernels/elementwise/special.ts";
import { ulpOf } from "../testing.ts";
import { buildModule, i32, type ModuleBuilder, v128 } from "./encoder.ts";
import { relaxedAvailable } from "./host.ts";
import * as math from "./laneMath.ts";
import { type Lane, Lanes } from "./lanes.ts";

const COUNT = 40_000;
const memory = new WebAssembly.Memory({ initial: 8 });
const x = new Float32Array(memory.buffer, 0, COUNT);
const y = new Float32Array(memory.buffer, 4 * COUNT, COUNT);

type LaneMath = (l: Lanes, x: Lane) => Lane;

/** Applies a function to every element of x, into y. */
function apply(lanes: LaneMath, relaxed: boolean): void {
  const build = (m: ModuleBuilder): void => {
    m.export("run", { p: "i32", end: "i32", q: "i32" }, (f, { p, end, q }) => {
      f.while(i32.ltU(p, end), () => {
        f.store(q, lanes(new Lanes(f), f.let(v128.load(p))));
        f.step(p, 16);
        f.step(q, 16);
      });
    });
  };
  const bytes = buildModule("test", build, { relaxed });
  const { run } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } }).exports;
  (run as (...args: number[]) => void)(0, 4 * COUNT, 4 * COUNT);
}

/** Every float whose bits are a multiple of a large step: all exponents, both signs, NaN and infinity. */
function fillWithAllFloats(): void {
  const bits = new Uint32Array(memory.buffer, 0, COUNT);
  const step = Math.floor(2 ** 32 / COUNT) | 1;
  for (let i = 0; i < COUNT; i++) bits[i] = (i * step) >>> 0;
}

function fillBetween(low: number, high: number): void {
  for (let i = 0; i < COUNT; i++) x[i] = low + ((high - low) * i) / (COUNT - 1);
}

/** The largest error in units of the last place of the true value. */
function worstError(f: (x: number) => number): { error: number; at: number } {
  let worst = { error: 0, at: 0 };
  for (let i = 0; i < COUNT; i++) {
    const [exact, given] = [f(x[i]!), y[i]!];
    const same = Object.is(Math.fround(exact), given) || (Number.isNaN(exact) && Number.isNaN(given));
    const error = same ? 0 : Number.isFinite(given) ? Math.abs(given - exact) / ulpOf(exact) : Number.POSITIVE_INFINITY;
    if (!(error <= worst.error)) worst = { error, at: x[i]! };
  }
  return worst;
}

const sigmoid = (t: number): number => 1 / (1 + Math.exp(-t));
const softplus = (t: number): number => Math.max(t, 0) + Math.log1p(Math.exp(-Math.abs(t)));

const functions = [
  ["exp", math.exp, Math.exp, 1.5],
  ["expm1", math.expm1, Math.expm1, 2],
  ["log", math.log, Math.log, 1.5],
  ["log1p", math.log1p, Math.log1p, 3],
  ["tanh", math.tanh, Math.tanh, 3.5],
  ["sigmoid", math.sigmoid, sigmoid, 2],
  ["erf", math.erf, erf, 4],
  ["softplus", math.softplus, softplus, 3],
] as const;

// with two roundings a multiply-add, and with one where the host has it
const cases = [false, ...(relaxedAvailable() ? [true] : [])].flatMap((relaxed) =>
  functions.map(
    ([name, lanes, f, ulps]) => [relaxed ? `${name} with fused multiply-add` : name, lanes, f, ulps, relaxed] as const,
  ),
);

describe.each(cases)("%s", (_, lanes, f, ulps, relaxed) => {
  it("is as exact as stated over all floats", () => {
    fillWithAllFloats();
    apply(lanes, relaxed);
    expect(worstError(f).error).toBeLessThan(ulps);
  });

  it("is as exact as stated where it bends", () => {
    for (const [low, high] of [
      [-5, 5],
      [-105, 90],
      [0.5, 2],
      [-1e-3, 1e-3],
    ] as const) {
      fillBetween(low, high);
      apply(lanes, relaxed);
      expect(worstError(f).error).toBeLessThan(ulps);
    }
  });

  it("treats NaN, infinities, zeros and subnormals as its definition", () => {
    x.fill(1);
    x.set([
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      0,
      -0,
      2 ** -149,
      -(2 ** -149),
      1e-39,
      -1e-39,
    ]);
    apply(lanes, relaxed);
    expect(worstError(f).error).toBeLessThan(ulps);
  });
});

describe.each(cases.filter(([name]) => /^(tanh|erf|sigmoid)/.test(name)))("%s", (name, lanes, _, __, relaxed) => {
  it("does not leave its range, and ends at its limits", () => {
    for (const [low, high] of [
      [-12, 12],
      [3.5, 4.5],
      [7, 10],
    ] as const) {
      fillBetween(low, high);
      apply(lanes, relaxed);
      for (const value of y) if (Math.abs(value) > 1) expect(value).toBe(1);
    }
    x.fill(0);
    x.set([200, 1e38, Number.POSITIVE_INFINITY, -200, -1e38, Number.NEGATIVE_INFINITY]);
    apply(lanes, relaxed);
    const low = name.startsWith("sigmoid") ? 0 : -1;
    expect([...y.subarray(0, 6)]).toEqual([1, 1, 1, low, low, low]);
  });
});
