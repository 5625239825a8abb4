import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DType } from "../dtype.ts";
import { TensorError } from "../errors.ts";
import { NDArray } from "../ndarray.ts";
import {
  fillBernoulli,
  fillBinomial,
  fillCauchy,
  fillDirichlet,
  fillExponential,
  fillGamma,
  fillGeometric,
  fillLogNormal,
  fillMultinomial,
  fillNormal,
  fillPoisson,
  fillRandint,
  fillRandom,
  fillRandperm,
  fillUniform,
  Generator,
} from "./index.ts";

const g = (seed = 0): Generator => new Generator().manualSeed(seed);
const zeros = (n: number, dtype: DType = "float32"): NDArray => NDArray.zeros([n], dtype);
const of = (...values: number[]): NDArray => NDArray.of(values);

describe("refuses what torch refuses", () => {
  const refused: [string, () => void, string][] = [
    ["normal std -1", () => fillNormal(zeros(3), 0, -1, g()), "invalid_argument"],
    ["normal std NaN", () => fillNormal(zeros(3), 0, Number.NaN, g()), "invalid_argument"],
    ["normal int32", () => fillNormal(zeros(3, "int32"), 0, 1, g()), "invalid_dtype"],
    ["normal into expanded", () => fillNormal(zeros(1).expand([20]), 0, 1, g()), "in_place"],
    ["uniform from > to", () => fillUniform(zeros(3), 2, 1, g()), "invalid_argument"],
    ["uniform NaN", () => fillUniform(zeros(3), Number.NaN, 1, g()), "invalid_argument"],
    ["uniform infinite", () => fillUniform(zeros(3, "float64"), 0, Infinity, g()), "invalid_argument"],
    ["uniform beyond float32", () => fillUniform(zeros(3), 0, 1e39, g()), "invalid_argument"],
    ["uniform too wide", () => fillUniform(zeros(3), -3e38, 3e38, g()), "invalid_argument"],
    ["uniform bool", () => fillUniform(zeros(3, "bool"), 0, 1, g()), "invalid_dtype"],
    ["randint empty range", () => fillRandint(zeros(3, "int32"), 5, 5, g()), "invalid_argument"],
    ["randint fraction", () => fillRandint(zeros(3, "int32"), 0, 1.5, g()), "invalid_argument"],
    ["randint beyond int32", () => fillRandint(zeros(3, "int32"), 0, 2 ** 31 + 1, g()), "invalid_argument"],
    ["randint below int32", () => fillRandint(zeros(3, "int32"), -(2 ** 31) - 1, 0, g()), "invalid_argument"],
    ["randint beyond bool", () => fillRandint(zeros(3, "bool"), 0, 3, g()), "invalid_argument"],
    [
      "randint unsafe range",
      () => fillRandint(zeros(3, "float64"), -(2 ** 53) + 1, 2 ** 53 - 1, g()),
      "invalid_argument",
    ],
    ["randperm 2-d", () => fillRandperm(NDArray.zeros([2, 2], "int32"), g()), "invalid_shape"],
    ["randperm bool", () => fillRandperm(zeros(3, "bool"), g()), "invalid_dtype"],
    ["bernoulli p 1.5", () => fillBernoulli(zeros(3), 1.5, g()), "invalid_argument"],
    ["bernoulli p NaN", () => fillBernoulli(zeros(3), Number.NaN, g()), "invalid_argument"],
    ["bernoulli one p of 2", () => fillBernoulli(zeros(2), of(0.5, 2), g()), "invalid_argument"],
    ["bernoulli integer p", () => fillBernoulli(zeros(2), NDArray.of([0, 1], [2], "int32"), g()), "invalid_dtype"],
    ["bernoulli shapes", () => fillBernoulli(zeros(3), of(0.1, 0.2), g()), "shape_mismatch"],
    ["exponential rate 0", () => fillExponential(zeros(3), 0, g()), "invalid_argument"],
    ["exponential int32", () => fillExponential(zeros(3, "int32"), 1, g()), "invalid_dtype"],
    ["cauchy sigma 0", () => fillCauchy(zeros(3), 0, 0, g()), "invalid_argument"],
    ["logNormal std 0", () => fillLogNormal(zeros(3), 0, 0, g()), "invalid_argument"],
    ["geometric p 0", () => fillGeometric(zeros(3), 0, g()), "invalid_argument"],
    ["geometric p 1", () => fillGeometric(zeros(3), 1, g()), "invalid_argument"],
    ["geometric bool", () => fillGeometric(zeros(3, "bool"), 0.5, g()), "invalid_dtype"],
    ["poisson rate -1", () => fillPoisson(zeros(1), of(-1), g()), "invalid_argument"],
    ["poisson rate NaN", () => fillPoisson(zeros(1), of(Number.NaN), g()), "invalid_argument"],
    ["poisson shapes", () => fillPoisson(zeros(2), of(1), g()), "shape_mismatch"],
    ["poisson dtypes", () => fillPoisson(zeros(1, "float64"), of(1), g()), "invalid_dtype"],
    ["gamma negative", () => fillGamma(zeros(1), of(-1), g()), "invalid_argument"],
    ["dirichlet 0-d", () => fillDirichlet(NDArray.zeros([]), NDArray.of([1], []), g()), "invalid_shape"],
    ["binomial shapes", () => fillBinomial(zeros(2), of(1, 2), of(0.5), g()), "shape_mismatch"],
    ["multinomial negative weight", () => fillMultinomial(zeros(1, "int32"), of(1, -1), true, g()), "invalid_argument"],
    ["multinomial NaN", () => fillMultinomial(zeros(1, "int32"), of(1, Number.NaN), false, g()), "invalid_argument"],
    ["multinomial infinite", () => fillMultinomial(zeros(1, "int32"), of(1, Infinity), true, g()), "invalid_argument"],
    ["multinomial all 0", () => fillMultinomial(zeros(1, "int32"), of(0, 0), true, g()), "invalid_argument"],
    ["multinomial too many", () => fillMultinomial(zeros(3, "int32"), of(1, 2), false, g()), "invalid_argument"],
    ["multinomial none", () => fillMultinomial(zeros(0, "int32"), of(1, 2), true, g()), "invalid_argument"],
    ["multinomial 0-d", () => fillMultinomial(zeros(1, "int32"), NDArray.of([1], []), true, g()), "invalid_shape"],
    [
      "multinomial rows",
      () => fillMultinomial(zeros(1, "int32"), NDArray.of([1, 1], [1, 2]), true, g()),
      "shape_mismatch",
    ],
    ["multinomial float output", () => fillMultinomial(zeros(1), of(1), true, g()), "invalid_dtype"],
  ];
  it.each(refused)("%s", (_, call, code) => {
    let error: unknown;
    try {
      call();
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(TensorError);
    expect((error as TensorError).code).toBe(code);
  });

  it("draws nothing when it refuses", () => {
    const generator = g();
    const before = generator.getState();
    for (const p of [of(0.5, 2), of(0.5, Number.NaN)]) expect(() => fillBernoulli(zeros(2), p, generator)).toThrow();
    expect(() => fillMultinomial(zeros(1, "int32"), of(1, -1), true, generator)).toThrow();
    expect(generator.getState()).toEqual(before);
  });
});

type Fill = (out: NDArray, generator: Generator) => void;
const fills: Record<string, Fill> = {
  normal: (out, generator) => fillNormal(out, 1, 2, generator),
  uniform: (out, generator) => fillUniform(out, -1, 2, generator),
  randint: (out, generator) => fillRandint(out, 0, 1000, generator),
  random: (out, generator) => fillRandom(out, generator),
  bernoulli: (out, generator) => fillBernoulli(out, 0.3, generator),
  exponential: (out, generator) => fillExponential(out, 2, generator),
  cauchy: (out, generator) => fillCauchy(out, 0, 1, generator),
  logNormal: (out, generator) => fillLogNormal(out, 0, 1, generator),
  geometric: (out, generator) => fillGeometric(out, 0.3, generator),
};

describe.each(Object.entries(fills))("%s", (_, fill) => {
  it("draws nothing for an empty array", () => {
    const generator = g();
    const before = generator.getState();
    fill(NDArray.zeros([3, 0]), generator);
    expect(generator.getState()).toEqual(before);
  });

  it("writes inside the view only", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 12 }),
        fc.nat(3),
        fc.boolean(),
        (rows, columns, skip, flip) => {
          const whole = NDArray.of(new Array(200).fill(-7.5), [10, 20]);
          const part = whole.lo(skip, skip + 1).hi(rows, columns);
          const view = flip ? part.transpose(1, 0) : part;
          fill(view, g());
          expect(whole.toArray().filter((x) => x !== -7.5).length).toBe(view.size);
          expect(view.toArray().every((x) => x !== -7.5)).toBe(true);
        },
      ),
    );
  });

  it("fills in the order of memory: a transposed array as the one it shows", () => {
    const [plain, shown] = [NDArray.zeros([3, 5]), NDArray.zeros([3, 5])];
    fill(plain, g());
    fill(shown.transpose(1, 0), g());
    expect(shown.data).toEqual(plain.data);
  });
});

describe("normal", () => {
  it("takes its blocks only where the elements are contiguous", () => {
    const [contiguous, strided] = [NDArray.zeros([32]), NDArray.zeros([64]).step(2)];
    fillNormal(contiguous, 0, 1, g());
    fillNormal(strided, 0, 1, g());
    const serial = Array.from({ length: 4 }, () => zeros(8));
    const generator = g();
    for (const part of serial) fillNormal(part, 0, 1, generator);
    expect(Array.from(strided.toArray())).toEqual(serial.flatMap((part) => Array.from(part.data)));
    expect(contiguous.data).not.toEqual(strided.toArray());
  });

  it("keeps the waiting number across a large draw", () => {
    const [split, whole] = [g(), g()];
    const [one, two, pair] = [zeros(1), zeros(1), zeros(2)];
    fillNormal(one, 0, 1, split);
    fillNormal(zeros(16), 0, 1, split);
    fillNormal(two, 0, 1, split);
    fillNormal(pair, 0, 1, whole);
    expect([one.data[0], two.data[0]]).toEqual(Array.from(pair.data));
  });
});

describe("bernoulli as older torch draws it with MKL", () => {
  it("repeats a mask that was published", () => {
    // torch.manual_seed(123); Dropout(0.5)(torch.ones(6, 6)) on Linux with an Intel processor: rasbt/LLMs-from-scratch, issue 57
    const out = NDArray.zeros([6, 6], "int32");
    const generator = new Generator({ bernoulli: "mkl" }).manualSeed(123);
    fillBernoulli(out, 0.5, generator);
    const mask = "111111 010000 001010 110001 100001 010000".replaceAll(" ", "");
    expect(out.data.join("")).toBe(mask);
    const other = g(123);
    other.engine.i32();
    expect(generator.getState()).toEqual(other.getState());
  });

  it("fills in logical order, and takes nothing for nothing", () => {
    const [plain, turned] = [NDArray.zeros([4, 3]), NDArray.zeros([3, 4]).transpose(1, 0)];
    for (const out of [plain, turned]) fillBernoulli(out, 0.4, new Generator({ bernoulli: "mkl" }).manualSeed(1));
    expect(turned.toArray()).toEqual(plain.toArray());
    const generator = new Generator({ bernoulli: "mkl" });
    fillBernoulli(zeros(0), 0.5, generator);
    expect(generator.getState()).toEqual(new Generator().getState());
  });
});

describe("randperm", () => {
  it("is a permutation, in every dtype and stride the same", () => {
    fc.assert(
      fc.property(fc.nat(100), fc.maxSafeInteger(), (n, seed) => {
        const [plain, floats, reversed] = [zeros(n, "int32"), zeros(n), zeros(2 * n, "int32").step(-2)];
        for (const out of [plain, floats, reversed]) fillRandperm(out, g(seed));
        expect(Array.from(plain.data).sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
        expect(Array.from(floats.data)).toEqual(Array.from(plain.data));
        expect(Array.from(reversed.toArray())).toEqual(Array.from(plain.data));
      }),
    );
  });
});

describe("multinomial", () => {
  it("draws each category once without replacement, and none of weight 0 while others are left", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 30 }),
        fc.nat(),
        (weights, seed) => {
          const positive = weights.filter((w) => w > 0).length;
          fc.pre(positive > 0);
          const out = zeros(weights.length, "int32");
          fillMultinomial(out, of(...weights), false, g(seed));
          expect(new Set(out.data).size).toBe(weights.length);
          expect(
            Array.from(out.data)
              .slice(0, positive)
              .every((category) => weights[category]! > 0),
          ).toBe(true);
        },
      ),
    );
  });

  it("is drawn from whatever the strides", () => {
    const weights = NDArray.of([1, 2, 3, 4, 5, 6, 7, 8], [2, 4]);
    const [a, b] = [NDArray.zeros([2, 6], "int32"), NDArray.zeros([6, 2], "int32").transpose(1, 0)];
    fillMultinomial(a, weights, true, g());
    fillMultinomial(b, weights, true, g());
    expect(b.toArray()).toEqual(a.toArray());
  });
});

describe("extremes", () => {
  it("has torch's results at the ends of the parameters", () => {
    const counts = of(5, 5, 5, 0, -1);
    const out = zeros(5);
    fillBinomial(out, counts, of(0, 1, Number.NaN, 0.5, 0.5), g());
    expect(Array.from(out.data)).toEqual([0, 5, Number.NaN, 0, 0]);
    const gamma = zeros(2);
    fillGamma(gamma, of(0, 0), g());
    expect(Array.from(gamma.data)).toEqual([2 ** -126, 2 ** -126]);
    const uniform = zeros(4);
    fillUniform(uniform, 1, 1, g());
    expect(Array.from(uniform.data)).toEqual([1, 1, 1, 1]);
    const exponential = zeros(2);
    fillExponential(exponential, Infinity, g());
    expect(Array.from(exponential.data)).toEqual([0, 0]);
  });
});
