import { TensorError } from "@tapegrad/tensor";
import { describe, expect, it } from "vitest";
import { enableGrad, grad, inferenceMode, isGradEnabled, noGrad, ones, type Tensor, tensor, zeros } from "./index.ts";

const leaf = (...values: number[]): Tensor => tensor(values, { requiresGrad: true });
const list = (value: Tensor | null): unknown => value?.tolist() ?? null;

/** The code of the TensorError that `body` throws; what it says must contain `words`. */
function codeOf(body: () => unknown, words: RegExp): string {
  try {
    body();
  } catch (error) {
    if (!(error instanceof TensorError)) throw error;
    expect(error.message).toMatch(words);
    return error.code;
  }
  return "nothing was thrown";
}

describe("backward", () => {
  it("accumulates in leaves", () => {
    const x = leaf(1, 2, 3);
    x.mul(x).sum().backward();
    expect(list(x.grad)).toEqual([2, 4, 6]);
    x.mul(3).sum().backward();
    expect(list(x.grad)).toEqual([5, 7, 9]);
  });

  it.each([false, true])("adds to a leaf's gradient and to no other that is held (createGraph: %s)", (createGraph) => {
    const x = leaf(1, 2);
    const y = x.add(1);
    y.retainGrad();
    const held: Tensor[] = [];
    y.registerHook((g) => void held.push(g));
    y.mul(y).sum().backward(null, { createGraph });
    x.sum().backward();
    expect([list(x.grad), list(y.grad), ...held.map(list)]).toEqual([
      [5, 7],
      [4, 6],
      [4, 6],
    ]);
  });

  it("gives two leaves arrays of their own, although their gradients are equal", () => {
    const [x, y] = [leaf(1), leaf(2)];
    x.add(y).backward();
    x.grad!.zero_();
    expect(list(y.grad)).toEqual([1]);
  });

  it("does not change what an earlier backward left, nor the gradient that it was given", () => {
    const x = leaf(1, 2);
    const start = tensor([10, 20]);
    x.mul(1).backward(start, { retainGraph: true });
    const first = x.grad!;
    x.mul(1).backward(start);
    expect(list(start)).toEqual([10, 20]);
    expect(x.grad).toBe(first);
    expect(list(first)).toEqual([20, 40]);
  });

  it("sums gradients of broadcast operands down to their shapes", () => {
    const row = leaf(1, 2, 3);
    const column = tensor([[1], [2]], { requiresGrad: true });
    row.mul(column).sum().backward();
    expect(list(row.grad)).toEqual([3, 3, 3]);
    expect(list(column.grad)).toEqual([[6], [6]]);
  });

  it("needs a scalar, or a gradient of the right shape", () => {
    expect(codeOf(() => leaf(1, 2).mul(2).backward(), /scalars only/)).toBe("not_scalar");
    expect(
      codeOf(
        () =>
          leaf(1, 2)
            .mul(2)
            .backward(tensor([1])),
        /shape/,
      ),
    ).toBe("shape_mismatch");
    expect(codeOf(() => tensor([1]).backward(), /does not require gradients/)).toBe("no_gradient");
  });

  it("frees what it used, unless told otherwise", () => {
    const x = leaf(2);
    const y = x.mul(x);
    y.backward(undefined, { retainGraph: true });
    y.backward();
    expect(list(x.grad)).toEqual([8]);
    expect(codeOf(() => y.backward(), /second time/)).toBe("graph_freed");
  });

  it("goes twice through a graph that saved nothing, as torch does", () => {
    const x = leaf(2);
    const y = x.add(1);
    y.backward();
    y.backward();
    expect(list(x.grad)).toEqual([2]);
  });

  it("notices that a value it needs was overwritten", () => {
    const x = leaf(1, 2);
    const y = x.mul(2);
    const z = y.mul(y).sum();
    y.add_(1);
    expect(codeOf(() => z.backward(), /in-place/)).toBe("modified_in_place");
  });

  it("does not mind an overwritten value that it does not need", () => {
    const x = leaf(1, 2);
    const y = x.mul(2);
    const z = y.add(1).sum();
    y.mul_(5);
    z.backward();
    expect(list(x.grad)).toEqual([2, 2]);
  });

  it("walks a million ops without recursion", () => {
    const x = leaf(1);
    let y = x.add(0);
    for (let i = 0; i < 1_000_000; i++) y = y.add(1);
    y.backward();
    expect(list(x.grad)).toEqual([1]);
  }, 120_000);

  it("visits a diamond once a node", () => {
    const x = leaf(1);
    let y: Tensor = x;
    for (let i = 0; i < 40; i++) y = y.add(y); // 2^40 paths
    y.backward();
    expect(list(x.grad)).toEqual([2 ** 40]);
  });
});

describe("grad", () => {
  it("gives gradients of any order and leaves grad alone", () => {
    const x = leaf(3);
    const y = x.pow(4);
    const [first] = grad(y, [x], undefined, { createGraph: true });
    const [second] = grad(first!, [x], undefined, { createGraph: true });
    const [third] = grad(second!, [x]);
    expect([first, second, third].map((value) => value!.item())).toEqual([108, 108, 72]);
    expect(x.grad).toBeNull();
  });

  it("reaches inputs that are not leaves", () => {
    const x = leaf(2);
    const y = x.mul(3);
    const [gradient] = grad(y.mul(y), [y]);
    expect(list(gradient!)).toEqual([12]);
  });

  it("tells of inputs that were not used", () => {
    const [x, y] = [leaf(1), leaf(2)];
    const out = x.mul(2);
    expect(codeOf(() => grad(out, [x, y], undefined, { retainGraph: true }), /not used/)).toBe("no_gradient");
    expect(grad(out, [x, y], undefined, { allowUnused: true }).map(list)).toEqual([[2], null]);
  });

  it("takes several outputs with their gradients", () => {
    const x = leaf(1, 2);
    const gradients = grad([x.mul(2), x.mul(x)], [x], [tensor([1, 1]), tensor([10, 10])]);
    expect(list(gradients[0]!)).toEqual([22, 42]);
  });
});

describe("leaves, hooks and modes", () => {
  it("tells leaves from results", () => {
    const x = leaf(1);
    const y = x.mul(2);
    expect([x.isLeaf, y.isLeaf, tensor(1).isLeaf]).toEqual([true, false, true]);
    expect([x.gradFn, y.gradFn?.name]).toEqual([null, "MulBackward0"]);
    expect(codeOf(() => y.requiresGrad_(false), /only leaves/)).toBe("no_gradient");
    expect(codeOf(() => tensor([1], { dtype: "int32" }).requiresGrad_(), /floating/)).toBe("invalid_dtype");
  });

  it("keeps the gradient of a result where asked", () => {
    const x = leaf(1, 2);
    const y = x.mul(2).retainGrad();
    y.mul(y).sum().backward();
    expect(list(y.grad)).toEqual([4, 8]);
    expect(list(x.grad)).toEqual([8, 16]);
  });

  it("lets hooks see and replace gradients, in order, until they are removed", () => {
    const x = leaf(1, 2);
    const seen: unknown[] = [];
    const handle = x.registerHook((gradient) => {
      seen.push(gradient.tolist());
    });
    x.registerHook((gradient) => gradient.mul(10));
    x.mul(3).sum().backward();
    handle.remove();
    x.mul(3).sum().backward();
    expect(seen).toEqual([[3, 3]]);
    expect(list(x.grad)).toEqual([60, 60]);
  });

  it("calls hooks after accumulation", () => {
    const x = leaf(1);
    let found: unknown;
    x.registerPostAccumulateGradHook((param) => {
      found = list(param.grad);
    });
    x.mul(4).backward();
    expect(found).toEqual([4]);
  });

  it("can run a backward inside a hook on the same graph", () => {
    const x = leaf(2);
    const y = x.mul(x);
    let inner: unknown;
    const handle = y.registerHook(() => {
      handle.remove();
      inner = list(grad(y, [x], undefined, { retainGraph: true })[0]!);
    });
    y.mul(5).backward();
    expect(inner).toEqual([4]);
    expect(list(x.grad)).toEqual([20]);
  });

  it("does not record where told not to, and puts the mode back after an error", () => {
    const x = leaf(1);
    expect(noGrad(() => x.mul(2)).requiresGrad).toBe(false);
    expect(noGrad(() => enableGrad(() => x.mul(2))).requiresGrad).toBe(true);
    expect(() => noGrad(() => tensor([1]).backward())).toThrow(TensorError);
    expect(isGradEnabled()).toBe(true);
    expect(codeOf(() => noGrad(async () => {}), /asynchronous/)).toBe("invalid_argument");
  });

  it("keeps inference tensors out of the tape", () => {
    const x = leaf(1);
    const w = inferenceMode(() => ones(1));
    expect(codeOf(() => x.mul(w), /inference/)).toBe("no_gradient");
    expect(codeOf(() => w.add_(1), /inference/)).toBe("in_place");
    expect(list(x.add(w).detach())).toEqual([2]);
    expect(list(x.mul(w.clone()).detach())).toEqual([1]);
  });

  it("detaches: same elements, no history", () => {
    const x = leaf(1, 2);
    const y = x.mul(2);
    const z = y.detach();
    expect(z.requiresGrad).toBe(false);
    z.add_(1);
    expect(y.tolist()).toEqual([3, 5]);
  });

  it("casts gradients back to the dtype of their leaf", () => {
    const x = zeros([2], { dtype: "float64", requiresGrad: true });
    x.float().mul(3).sum().backward();
    expect(x.grad!.dtype).toBe("float64");
    expect(list(x.grad)).toEqual([3, 3]);
  });
});
