import { noGrad, ones, randn, type Tensor, tensor } from "tapegrad";
import type { Line } from "./line.ts";

/** The product of two matrices, [rows, depth] and [depth, columns]. */
export function matmul(rows: number, depth: number, columns: number): Line {
  return {
    name: rows === depth && depth === columns ? `matmul ${rows}` : `matmul ${rows}x${depth}x${columns}`,
    setup: () => {
      const [a, b] = [randn(rows, depth), randn(depth, columns)];
      const run = (): Tensor => a.matmul(b);
      return { run, inputs: { a, b }, results: () => ({ product: run() }), flops: 2 * rows * depth * columns };
    },
  };
}

/** A function of each of a million numbers, into a new tensor. */
export function elementwise(name: "exp" | "tanh"): Line {
  return {
    name: `${name} 1e6`,
    setup: () => {
      const x = randn(1_000_000);
      const run = (): Tensor => x[name]();
      return { run, inputs: { x }, results: () => ({ output: run() }) };
    },
  };
}

/** Eight times relu(h + x) on 2²⁰ numbers, forward and backward. */
export const reluChain: Line = {
  name: "relu(h + x) x8, 2^20",
  setup: () => {
    const x = randn([2 ** 20], { requiresGrad: true });
    const run = (): Tensor => {
      x.grad = null;
      let h = x;
      for (let i = 0; i < 8; i++) h = h.add(x).relu();
      const mean = h.mean();
      mean.backward();
      return mean;
    };
    return { run, inputs: { x }, results: () => ({ mean: run(), gradient: x.grad! }) };
  },
};

const ADDS = 100_000;

/** What an op costs when the numbers cost nothing: a chain of additions of one element, forward and backward. */
export const addChain: Line = {
  name: "chain of 100,000 adds, per op",
  setup: () => {
    const x = tensor([1], { requiresGrad: true });
    const one = noGrad(() => ones(1));
    const run = (): Tensor => {
      x.grad = null;
      let y = x;
      for (let i = 0; i < ADDS; i++) y = y.add(one);
      y.backward();
      return y;
    };
    return { run, inputs: { x, one }, results: () => ({ sum: run(), gradient: x.grad! }), per: ADDS };
  },
};
