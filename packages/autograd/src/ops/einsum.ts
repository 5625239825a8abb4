import { type Facts, fail, sizeOf } from "@tapegrad/tensor";
import type { Tensor } from "../tensor.ts";
import { mul } from "./arithmetic.ts";
import { type Equation, parseEinsum } from "./einsumParse.ts";
import { matrixProduct } from "./matrixProduct.ts";
import { sum } from "./reduce.ts";
import { diagonal, permute, reshape, squeeze } from "./shape.ts";

/** A tensor whose dimensions have names. */
interface Labelled {
  readonly tensor: Tensor;
  readonly labels: readonly string[];
}

/**
 * Sums of products over named dimensions: `einsum("bij,bjk->bik", x, y)`.
 *
 * Letters name the dimensions of each operand. One that stands twice for the same operand takes its diagonal; one that does
 * not stand after the arrow is summed over; `...` stands for any further dimensions, which are broadcast. Without an arrow
 * the result has the dimensions of `...`, and then the letters that occur once, in alphabetical order.
 *
 * Operands are contracted from left to right.
 *
 * @throws TensorError `invalid_argument` for the equation, `shape_mismatch` | `invalid_dtype` for the operands
 * @see torch.einsum
 */
export function einsum(equation: string, ...operands: readonly Tensor[]): Tensor {
  const { terms, output } = parseEinsum(
    equation,
    operands.map(({ shape }) => shape),
  );
  checkSizes(equation, operands, terms);
  const [first, ...others] = operands.map((tensor, i) => onDiagonals({ tensor, labels: terms[i]! }));
  let result = first!;
  others.forEach((other, i) => {
    const later = new Set([...output, ...others.slice(i + 1).flatMap(({ labels }) => labels)]);
    result = contract(result, other, later);
  });
  result = without(result, (label) => !output.includes(label));
  return permute(
    result.tensor,
    output.map((label) => result.labels.indexOf(label)),
  );
}

function checkSizes(equation: string, operands: readonly Tensor[], terms: Equation["terms"]): void {
  const sizes = new Map<string, number>();
  operands.forEach(({ shape, dtype }, i) => {
    const facts: Facts = { equation, shapes: operands.map((operand) => operand.shape) };
    if (dtype !== operands[0]!.dtype) {
      fail("invalid_dtype", "einsum", "the dtypes differ", { equation, dtypes: operands.map((x) => x.dtype) });
    }
    const own = new Map<string, number>();
    terms[i]!.forEach((label, d) => {
      const size = shape[d]!;
      if (own.has(label) && own.get(label) !== size) {
        fail("shape_mismatch", "einsum", `"${label}" has two sizes in operand ${i}`, facts);
      }
      own.set(label, size);
      const known = sizes.get(label) ?? 1;
      if (known !== 1 && size !== 1 && known !== size) {
        fail("shape_mismatch", "einsum", `"${label}" has sizes ${known} and ${size}`, facts);
      }
      if (known === 1) sizes.set(label, size);
    });
  });
}

/** Takes the diagonal where a label stands twice. */
function onDiagonals({ tensor, labels }: Labelled): Labelled {
  const second = labels.findIndex((label, d) => labels.indexOf(label) !== d);
  if (second < 0) return { tensor, labels };
  const label = labels[second]!;
  const first = labels.indexOf(label);
  const rest = labels.filter((_, d) => d !== first && d !== second);
  return onDiagonals({ tensor: diagonal(tensor, 0, first, second), labels: [...rest, label] });
}

/** Sums over the dimensions that nobody needs any more. */
function without({ tensor, labels }: Labelled, drop: (label: string) => boolean): Labelled {
  const dims = labels.flatMap((label, d) => (drop(label) ? [d] : []));
  return dims.length === 0 ? { tensor, labels } : { tensor: sum(tensor, dims), labels: labels.filter((l) => !drop(l)) };
}

/** Leaves out dimensions of size 1 that meet larger ones: what is left broadcasts. */
function narrowed({ tensor, labels }: Labelled, other: Labelled): Labelled {
  const dims = labels.flatMap((label, d) => {
    const at = other.labels.indexOf(label);
    return at >= 0 && tensor.shape[d] === 1 && other.tensor.shape[at] !== 1 ? [d] : [];
  });
  return dims.length === 0
    ? { tensor, labels }
    : { tensor: squeeze(tensor, dims), labels: labels.filter((_, d) => !dims.includes(d)) };
}

/** The product of two operands, summed over the labels that both have and nobody needs later. */
function contract(left: Labelled, right: Labelled, later: ReadonlySet<string>): Labelled {
  let [a, b] = [narrowed(left, right), narrowed(right, left)];
  a = without(a, (label) => !b.labels.includes(label) && !later.has(label));
  b = without(b, (label) => !a.labels.includes(label) && !later.has(label));
  const shared = a.labels.filter((label) => b.labels.includes(label));
  const batch = shared.filter((label) => later.has(label));
  const summed = shared.filter((label) => !later.has(label));
  const own = (operand: Labelled): string[] => operand.labels.filter((label) => !shared.includes(label));
  const [onlyA, onlyB] = [own(a), own(b)];
  const labels = [...batch, ...onlyA, ...onlyB];
  const [sizeA, sizeB] = [sizesOf(a), sizesOf(b)];
  const shape = labels.map((label) => sizeA.get(label) ?? sizeB.get(label)!);
  if (summed.length === 0) {
    const [x, y] = [arranged(a, [...batch, ...onlyA]), arranged(b, [...batch, ...onlyB])];
    const apart = reshape(x, [...x.shape, ...onlyB.map(() => 1)]);
    const under = reshape(y, [
      ...y.shape.slice(0, batch.length),
      ...onlyA.map(() => 1),
      ...y.shape.slice(batch.length),
    ]);
    return { tensor: mul(apart, under), labels };
  }
  const count = (group: readonly string[]): number =>
    sizeOf(group.map((label) => sizeA.get(label) ?? sizeB.get(label)!));
  const [batches, depth] = [count(batch), count(summed)];
  const product = matrixProduct(
    reshape(arranged(a, [...batch, ...onlyA, ...summed]), [batches, count(onlyA), depth]),
    reshape(arranged(b, [...batch, ...summed, ...onlyB]), [batches, depth, count(onlyB)]),
  );
  return { tensor: reshape(product, shape), labels };
}

const sizesOf = ({ tensor, labels }: Labelled): Map<string, number> =>
  new Map(labels.map((label, d) => [label, tensor.shape[d]!]));

const arranged = ({ tensor, labels }: Labelled, order: readonly string[]): Tensor =>
  permute(
    tensor,
    order.map((label) => labels.indexOf(label)),
  );
