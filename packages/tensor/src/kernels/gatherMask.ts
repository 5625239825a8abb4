import { fail } from "../errors.ts";
import type { NDArray } from "../ndarray.ts";
import { forEachIndex } from "../visit.ts";
import { walk } from "./gatherWalk.ts";
import { type KernelPair, kernelPair } from "./pair.ts";

/** How many elements of a bool array are true: the size that {@link maskedSelect} needs. NaN counts, as in torch. */
export function countTrue(mask: NDArray): number {
  const { data } = mask;
  let count = 0;
  forEachIndex(mask, (i) => {
    if (data[i] !== 0) count++;
  });
  return count;
}

/**
 * The elements of `a` where `mask` is true, in row-major order.
 *
 * @param out  [n], with n = countTrue(mask)
 * @param mask bool, of the shape of `a`
 * @see torch.masked_select
 */
export const maskedSelect: KernelPair<[out: NDArray, a: NDArray, mask: NDArray]> = kernelPair(() => ({
  name: "maskedSelect",
  js: (out, a, mask) => {
    const [to, from, chosen] = [out.data, a.data, mask.data];
    const step = out.stride[0]!;
    let at = out.offset;
    walk(mask.shape, a, mask, mask, (i, j) => {
      if (chosen[j] === 0) return;
      to[at] = from[i]!;
      at += step;
    });
  },
}));

/**
 * Writes the elements of `source`, in row-major order, to where `mask` is true.
 *
 * @param mask   bool, of the shape of `out`
 * @param source any shape, with at least countTrue(mask) elements, else TensorError `shape_mismatch`
 * @see torch.Tensor.masked_scatter_
 */
export const maskedScatter: KernelPair<[out: NDArray, mask: NDArray, source: NDArray, where: string]> = kernelPair(
  () => ({
    name: "maskedScatter",
    js: (out, mask, source, where) => {
      const [to, chosen, from] = [out.data, mask.data, source.toArray()];
      let taken = 0;
      walk(mask.shape, out, mask, mask, (i, j) => {
        if (chosen[j] === 0) return;
        if (taken === from.length) {
          const facts = { true: countTrue(mask), elements: source.size };
          fail("shape_mismatch", where, "the source has fewer elements than the mask has places", facts);
        }
        to[i] = from[taken++]!;
      });
    },
  }),
);

/**
 * Where `a` is not zero: one row of indices for each such element, in row-major order.
 *
 * @param out int32 [n, d], with n = the number of elements that are not zero and d the dimensions of `a`
 * @see torch.nonzero
 */
export const nonzero: KernelPair<[out: NDArray, a: NDArray]> = kernelPair(() => ({
  name: "nonzero",
  js: (out, a) => {
    const [to, from] = [out.data, a.data];
    const position = new Array<number>(a.dimension).fill(0);
    let row = out.offset;
    forEachIndex(a, (i) => {
      if (from[i] !== 0) {
        for (let d = 0; d < position.length; d++) to[row + d * out.stride[1]!] = position[d]!;
        row += out.stride[0]!;
      }
      for (let d = position.length - 1; d >= 0 && ++position[d]! === a.shape[d]!; d--) position[d] = 0;
    });
  },
}));
