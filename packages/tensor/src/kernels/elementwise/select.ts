import { fillRun } from "../../copyRun.ts";
import { isFloating } from "../../dtype.ts";
import type { NDArray } from "../../ndarray.ts";
import { runTernary, runUnary, type UnaryRow, unaryRow } from "../generic.ts";
import { type KernelPair, kernelPair } from "../pair.ts";
import { paysLight, type Unary } from "./define.ts";
import { laneKernel } from "./stream.ts";
import { stridedCopy, stridedCopyable } from "./stridedCopy.ts";

const moveRow: UnaryRow = (n, o, p, s, a, q, t) => {
  // without elements the places may lie beyond the end, where set() would throw
  if (n > 0 && s === 1 && t === 1 && o.BYTES_PER_ELEMENT === a.BYTES_PER_ELEMENT && o.constructor === a.constructor) {
    o.set(a.subarray(q, q + n), p);
  } else for (let i = 0; i < n; i++, p += s, q += t) o[p] = a[q]!;
};

/** Whether an array lives in the kernels' memory. */
const isResident = ({ storage }: NDArray): boolean => storage.block !== null;

/** Elements from which on a call is worth it. */
const WORTH_COPYING = 128;

/** `a`, broadcast and converted: toward zero to integers (NaN and what is beyond them to −2³¹), `≠ 0` to truth values. */
export const copy: Unary = kernelPair(() => {
  /** What has no place among 32-bit integers, NaN included, becomes the least of them, as where torch runs on x86. */
  const wholeRow = unaryRow((x) => (x > -2147483649 && x < 2147483648 ? x : -2147483648));
  const truthRow = unaryRow((x) => (x !== 0 ? 1 : 0));
  const numbersOfTruth = laneKernel({ name: "numbersOfTruth", inputs: ["bool"], lanes: (l, a) => l.and(a, 1) });
  /** Rows of neighbours to rows that have gaps between them. */
  const spread = laneKernel({ name: "spread", inputs: ["float32"], unroll: 2, lanes: (_, a) => a });
  return {
    name: "copy",
    js: (out: NDArray, a: NDArray) => {
      const toWhole = out.dtype === "int32" && isFloating(a.dtype);
      runUnary(out.dtype === "bool" && a.dtype !== "bool" ? truthRow : toWhole ? wholeRow : moveRow, out, a);
    },
    wasm: (out, a) => {
      if (out.dtype !== a.dtype) numbersOfTruth.run(out, a);
      else if (out.isContiguous) stridedCopy(out, a);
      else spread.run(out, a);
    },
    accepts: (out, a) => {
      if (out.dtype !== a.dtype) return numbersOfTruth.accepts(out, a);
      return out.isContiguous ? stridedCopyable(out, a) : out.storage !== a.storage && spread.accepts(out, a);
    },
    // what lies in one run is copied by the engine, and so are rows that would have to be copied in or out for the call
    pays: (out, a) => {
      if (out.size < WORTH_COPYING) return false;
      if (a.dtype !== out.dtype) return true;
      return out.isContiguous ? !(a.isContiguous && a.size === out.size) : isResident(out) && isResident(a);
    },
  };
});

/** One value everywhere. */
export const fill: KernelPair<[out: NDArray, value: number]> = kernelPair(() => ({
  name: "fill",
  js: (out: NDArray, value: number) => {
    const stored = out.dtype === "bool" ? (value !== 0 ? 1 : 0) : value;
    const { storage, offset, size } = out;
    if (out.isContiguous) fillRun(size === storage.length ? storage.overwritten : storage.array, stored, offset, size);
    else
      runUnary(
        unaryRow(() => stored),
        out,
        out,
      );
  },
}));

/** `a` where `cond` is true, else `b`. */
export const where: KernelPair<[out: NDArray, cond: NDArray, a: NDArray, b: NDArray]> = kernelPair(() => {
  const fast = laneKernel({
    name: "where",
    inputs: ["bool", "float32", "float32"],
    unroll: 2,
    lanes: (l, cond, a, b) => l.select(cond, a, b),
  });
  return {
    name: "where",
    js: (out: NDArray, cond: NDArray, a: NDArray, b: NDArray) => {
      runTernary((c, x, y) => (c !== 0 ? x : y), out, cond, a, b);
    },
    wasm: (out, cond, a, b) => fast.run(out, cond, a, b),
    accepts: (out, cond, a, b) => fast.accepts(out, cond, a, b),
    pays: paysLight,
  };
});

/** min(max(a, low), high), either of which may be missing; high wins where they cross, and NaN stays. */
export const clamp: KernelPair<[out: NDArray, a: NDArray, min: number | null, max: number | null]> = kernelPair(() => {
  const fast = laneKernel({
    name: "clamp",
    inputs: ["float32"],
    scalars: 2,
    unroll: 2,
    lanes: (l, a, low, high) => l.min(l.max(a, low), high),
  });
  return {
    name: "clamp",
    js: (out: NDArray, a: NDArray, min: number | null, max: number | null) => {
      const low = min ?? Number.NEGATIVE_INFINITY;
      const high = max ?? Number.POSITIVE_INFINITY;
      runUnary(
        unaryRow((x) => Math.min(Math.max(x, low), high)),
        out,
        a,
      );
    },
    wasm: (out, a, min, max) =>
      fast.run(out, a, undefined, undefined, min ?? Number.NEGATIVE_INFINITY, max ?? Number.POSITIVE_INFINITY),
    accepts: (out, a) => fast.accepts(out, a),
    pays: paysLight,
  };
});
