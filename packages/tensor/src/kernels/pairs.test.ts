import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { NDArray } from "../ndarray.ts";
import { Storage } from "../storage.ts";
import { ulpDistance, ulpOf } from "../testing.ts";
import { shareEverything } from "../threads/parts.ts";
import { setNumThreads, threadsReady } from "../threads/team.ts";
import { useResidence } from "../wasm/heap.ts";
import { pretendRelaxed } from "../wasm/host.ts";
import * as k from "./index.ts";
import type { KernelPair } from "./pair.ts";
import { type KernelSample, kernelSamples, largest } from "./samples/index.ts";

type Kernel = KernelPair<readonly unknown[]>;

const kernels = Object.entries(k).filter(
  (entry): entry is [string, Kernel & (typeof entry)[1]] => "kernel" in entry[1],
);

/** The same views over copies of their storages. */
const cloned = (args: readonly unknown[]): unknown[] =>
  args.map((x) =>
    x instanceof NDArray ? new NDArray(new Storage(x.data.slice()), x.shape, x.stride, x.offset, x.dtype) : x,
  );

const rowMajor = (args: readonly unknown[]): unknown[] => args.map((x) => (x instanceof NDArray ? x.copy() : x));

const outputsOf = (args: readonly unknown[], { outputs = 1 }: KernelSample): NDArray[] =>
  args.slice(0, outputs).filter((x) => x instanceof NDArray);

/** Expects two results to agree within `ulps` of the last place of `scale`, or of the largest magnitude among them. */
function expectClose(actual: NDArray, expected: NDArray, ulps: number, scale: number | undefined): void {
  const [a, b] = [actual.toArray(), expected.toArray()];
  const finite = largest(expected);
  const allowed = ulps * ulpOf(scale ?? finite, expected.dtype);
  for (let i = 0; i < b.length; i++) {
    const distance =
      Number.isFinite(a[i]!) && Number.isFinite(b[i]!) ? Math.abs(a[i]! - b[i]!) : ulpDistance(a[i]!, b[i]!);
    if (distance > allowed) expect({ at: i, value: a[i], of: [...a] }).toEqual({ at: i, value: b[i], of: [...b] });
  }
}

describe("kernelSamples", () => {
  it("has a sample for every kernel, and none for anything else", () => {
    expect(Object.keys(kernelSamples).sort()).toEqual(kernels.map(([name]) => name).sort());
  });
});

const cases = kernels.filter(([name]) => name in kernelSamples);

describe.each(cases)("%s", (name, kernel) => {
  const sample = kernelSamples[name]!;

  it("does not see the strides of its operands", () => {
    fc.assert(
      fc.property(sample.args, (args) => {
        const [strided, plain] = [cloned(args), rowMajor(args)];
        kernel.js(...strided);
        kernel.js(...plain);
        const expected = outputsOf(plain, sample);
        // sums may run in another order
        for (const [i, out] of outputsOf(strided, sample).entries()) {
          expectClose(out, expected[i]!, 1, sample.scale?.(args, i));
        }
      }),
    );
  });
});

const fastCases = cases.filter(([, { wasm }]) => wasm !== null);

// a multiply-add rounds once, or twice where the host has no other
describe.each(["one rounding", "two roundings"])("in WebAssembly, multiply-adds of %s:", (roundings) => {
  beforeAll(() => pretendRelaxed(roundings === "one rounding" ? undefined : false));
  afterAll(() => pretendRelaxed(undefined));

  it.each(fastCases)("%s agrees with its definition", (name, kernel) => {
    const sample = kernelSamples[name]!;
    let accepted = 0;
    fc.assert(
      fc.property(sample.args, (args) => {
        if (!kernel.accepts(...args)) return;
        accepted++;
        const [fast, plain] = [cloned(args), cloned(args)];
        kernel.wasm!(...fast);
        kernel.js(...plain);
        const expected = outputsOf(plain, sample);
        for (const [i, out] of outputsOf(fast, sample).entries()) {
          expectClose(out, expected[i]!, kernel.ulps, sample.scale?.(args, i));
        }
      }),
    );
    expect(accepted).toBeGreaterThan(5);
  });
});

/** The same views over copies that live in the kernels' memory, as far as their dtypes can. */
const resident = (args: readonly unknown[]): unknown[] =>
  args.map((x) => {
    if (!(x instanceof NDArray)) return x;
    const storage = Storage.own(x.dtype, x.storage.length);
    storage.overwrite(x.data);
    return new NDArray(storage, x.shape, x.stride, x.offset, x.dtype);
  });

/** Everything in the storages of the operands, what their views do not show included. */
const contents = (args: readonly unknown[]): unknown[] =>
  args.map((x) => (x instanceof NDArray ? [...x.storage.readable] : null));

describe("on arrays that live in the kernels' memory", () => {
  beforeAll(() => useResidence("small too"));
  afterAll(() => useResidence(true));

  it.each(fastCases)("%s gives the same bits, and changes nothing else", (name, kernel) => {
    const sample = kernelSamples[name]!;
    fc.assert(
      fc.property(sample.args, fc.infiniteStream(fc.boolean()), (args, choices) => {
        if (!kernel.accepts(...args)) return;
        const [outside, inside] = [cloned(args), resident(args)];
        const mixed = cloned(args).map((x, i) => (choices.next().value ? inside[i] : x));
        kernel.wasm!(...outside);
        kernel.wasm!(...mixed);
        expect(contents(mixed)).toEqual(contents(outside));
        for (const x of inside) if (x instanceof NDArray) x.storage.giveBack();
      }),
    );
  });
});

describe("with threads", () => {
  beforeAll(async () => {
    setNumThreads(3);
    while (threadsReady() < 3) await new Promise((resolve) => setTimeout(resolve, 5));
    shareEverything(true);
  });
  afterAll(() => {
    shareEverything(false);
    setNumThreads(1);
  });

  it.each(fastCases)("%s gives the same bits", (name, kernel) => {
    const sample = kernelSamples[name]!;
    fc.assert(
      fc.property(sample.args, (args) => {
        if (!kernel.accepts(...args)) return;
        const [alone, together] = [cloned(args), cloned(args)];
        kernel.wasm!(...together);
        shareEverything(false);
        kernel.wasm!(...alone);
        shareEverything(true);
        for (const [i, out] of outputsOf(together, sample).entries()) {
          expect(out.toArray()).toEqual(outputsOf(alone, sample)[i]!.toArray());
        }
      }),
      { numRuns: 30 },
    );
  });
});
