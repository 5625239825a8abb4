import { type Tensor, zeros } from "@tapegrad/autograd";
import * as fc from "fast-check";

/** What a loss is to be computed of. */
export interface Problem {
  /** The arguments by name and in order, then the options that are tensors. float64 ones are exact in float32. */
  readonly tensors: Readonly<Record<string, Tensor>>;
  /** The options that are none. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** Problems from what their tensors are drawn as, and options by name. */
export function problemsOf(
  tensors: fc.Arbitrary<Readonly<Record<string, Tensor | undefined>>>,
  options: Readonly<Record<string, fc.Arbitrary<unknown>>> = {},
): fc.Arbitrary<Problem> {
  return fc.record({ tensors: tensors as fc.Arbitrary<Problem["tensors"]>, options: fc.record(options) });
}

/** A problem with some of its tensors replaced. */
export function replaced(problem: Problem, change: (tensor: Tensor, name: string) => Tensor): Problem {
  const tensors = Object.entries(problem.tensors).map(([name, tensor]) => [name, change(tensor, name)]);
  return { ...problem, tensors: Object.fromEntries(tensors) };
}

/** A problem with the dimension of the batch left out of all tensors that have one. */
export function withoutBatch(problem: Problem, batch: Readonly<Record<string, number>>): Problem {
  return replaced(problem, (tensor, name) => (batch[name] === undefined ? tensor : tensor.squeeze(batch[name])));
}

/** The same in float32. */
export const single = (problem: Problem): Problem =>
  replaced(problem, (tensor) => (tensor.dtype === "float64" ? tensor.float() : tensor));

/** The tensors of a problem as leaves where gradients flow, and these. */
export function tracked(
  problem: Problem,
  differentiable: readonly string[],
): { readonly of: Problem; readonly leaves: Tensor[] } {
  const leaves: Tensor[] = [];
  const of = replaced(problem, (tensor, name) => {
    if (!differentiable.includes(name)) return tensor;
    const leaf = tensor.detach().requiresGrad_();
    leaves.push(leaf);
    return leaf;
  });
  return { of, leaves };
}

/** The same elements with the dimensions in memory in the opposite order, and gaps between them. */
export function scattered(tensor: Tensor): Tensor {
  const { shape, dtype } = tensor;
  const reversed = [...shape.keys()].reverse();
  const wide = zeros([...reversed.map((d) => shape[d]!), 3], { dtype });
  const view = wide.select(-1, 1).permute(reversed);
  view.copy_(tensor);
  return view.detach();
}
