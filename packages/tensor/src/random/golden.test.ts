import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { arrayOf, type DType, type TypedArray } from "../dtype.ts";
import { NDArray } from "../ndarray.ts";
import { Storage } from "../storage.ts";
import { boxMuller32 } from "./boxMuller.ts";
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

interface ArrayText {
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly data: readonly number[];
  readonly transposed?: true;
}

/** What PyTorch 2.13 drew after `torch.manual_seed(seed)`, and `after`, its next `random_(0, 2**24)`. */
interface Draw {
  readonly fn: string;
  readonly seed: number;
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly args: readonly (number | boolean | ArrayText)[];
  /** The output lies in memory with its dimensions reversed. */
  readonly transposed?: true;
  /** Float64 through log and cos, which differ in the last place between libraries. */
  readonly near?: true;
  readonly out: readonly number[];
  readonly after: number;
}

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`./__fixtures__/${name}.json`, import.meta.url), "utf8"));
const draws = read("draws") as Draw[];
const digests = read("digests") as Record<string, string>;

describe("draws what torch draws", () => {
  it.each(draws.map((draw, i) => [`${i} ${draw.fn} ${draw.dtype} [${draw.shape}]`, draw] as const))("%s", (_, draw) => {
    const generator = new Generator().manualSeed(draw.seed);
    const out = array(draw.shape, draw.dtype, draw.transposed);
    fill(draw, out, generator);
    const got = Array.from(out.toArray());
    const want = Array.from(rounded(draw.out, draw.dtype));
    if (draw.near) expect(Math.max(...got.map((x, i) => Math.abs(x - want[i]!)))).toBeLessThan(2 ** -49);
    else expect(got).toEqual(want);
    expect(generator.engine.u32() % 2 ** 24).toBe(draw.after);
  });
});

describe("draws what torch draws, a great many times", () => {
  const long: Record<string, [n: number, dtype: DType, fill: (out: NDArray, generator: Generator) => void]> = {
    randn: [1_000_003, "float32", (out, generator) => fillNormal(out, 0, 1, generator)],
    normal: [100_001, "float32", (out, generator) => fillNormal(out, 0.3, 1.7, generator)],
    rand: [1_000_000, "float32", (out, generator) => fillUniform(out, 0, 1, generator)],
    uniform: [100_001, "float32", (out, generator) => fillUniform(out, -0.123, 0.377, generator)],
    uniform64: [100_001, "float64", (out, generator) => fillUniform(out, -0.123, 0.377, generator)],
    randint: [100_000, "int32", (out, generator) => fillRandint(out, -(2 ** 31), 2 ** 31 - 1, generator)],
    randperm: [30_000, "int32", (out, generator) => fillRandperm(out, generator)],
    bernoulli: [100_001, "float32", (out, generator) => fillBernoulli(out, 0.1, generator)],
  };
  it.each(Object.entries(long))("%s", (name, [n, dtype, draw]) => {
    const out = NDArray.zeros([n], dtype);
    draw(out, new Generator().manualSeed(0));
    expect(digest(out.data)).toBe(digests[name]);
  });

  it("transforms uniform numbers to normal ones over their whole range", () => {
    const x = new Float32Array(2 ** 21);
    for (let i = 0; i < 2 ** 20; i++) {
      const at = Math.floor(i / 8) * 16 + (i % 8);
      x[at] = (16 * i + (i % 16)) * 2 ** -24;
      x[at + 8] = x[at]!;
    }
    boxMuller32(x, 0, x.length, 0, 1);
    expect(digest(x)).toBe(digests.boxMuller);
  });
});

function fill({ fn, args }: Draw, out: NDArray, generator: Generator): void {
  const [first, second] = args.map((arg) => (typeof arg === "object" ? parse(arg) : arg));
  const [a, b] = [first as number, second as number];
  const [p, q] = [first as NDArray, second as NDArray];
  const fills: Record<string, () => void> = {
    normal: () => fillNormal(out, a, b, generator),
    uniform: () => fillUniform(out, a, b, generator),
    randint: () => fillRandint(out, a, b, generator),
    random: () => fillRandom(out, generator),
    randperm: () => fillRandperm(out, generator),
    bernoulli: () => fillBernoulli(out, first as number | NDArray, generator),
    exponential: () => fillExponential(out, a, generator),
    cauchy: () => fillCauchy(out, a, b, generator),
    logNormal: () => fillLogNormal(out, a, b, generator),
    geometric: () => fillGeometric(out, a, generator),
    poisson: () => fillPoisson(out, p, generator),
    binomial: () => fillBinomial(out, p, q, generator),
    gamma: () => fillGamma(out, p, generator),
    dirichlet: () => fillDirichlet(out, p, generator),
    multinomial: () => fillMultinomial(out, p, second as boolean, generator),
  };
  fills[fn]!();
}

function array(shape: readonly number[], dtype: DType, transposed: boolean | undefined): NDArray {
  if (!transposed) return NDArray.zeros(shape, dtype);
  return NDArray.zeros(shape.toReversed(), dtype).transpose(...[...shape.keys()].toReversed());
}

function parse({ shape, dtype, data, transposed }: ArrayText): NDArray {
  const plain = NDArray.of(data, shape, dtype);
  if (!transposed) return plain;
  const reversed = plain.transpose(1, 0).toArray();
  return new NDArray(new Storage(reversed), shape, [1, shape[0]!], 0, dtype);
}

function rounded(values: readonly number[], dtype: DType): TypedArray {
  const typed = arrayOf(dtype, values.length);
  typed.set(values);
  return typed;
}

function digest(values: TypedArray): string {
  return createHash("sha256").update(new Uint8Array(values.buffer)).digest("hex");
}
