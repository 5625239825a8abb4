import { type DType, fail, k } from "@tapegrad/tensor";
import { type BackwardOptions, backward } from "./engine.ts";
import { assign, overwrite, rewrite } from "./inplace.ts";
import { as, type Operand } from "./operands.ts";
import * as ops from "./ops/index.ts";
import { type RandomMethods, randomMethods } from "./random.ts";
import { Tensor } from "./tensor.ts";

type Ops = typeof ops;

/** A function whose first argument is a tensor, as a method of that tensor. */
type Method<F> = F extends (self: infer _Self, ...rest: infer Rest) => infer Out ? (...rest: Rest) => Out : never;

/** Functions of the op surface that are not methods, because a tensor is not what they start from, or that are declared below. */
const notMethods = [
  "blockDiag",
  "broadcastTensors",
  "cat",
  "chainMatmul",
  "columnStack",
  "dstack",
  "einsum",
  "hstack",
  "indexTensor",
  "max",
  "median",
  "meshgrid",
  "min",
  "nanmedian",
  "slice",
  "stack",
  "strideOver",
  "vstack",
  "where",
] as const;

/** Functions that have a form which overwrites their first argument, with a trailing underscore. */
const inPlaceNames = [
  "abs",
  "add",
  "addcdiv",
  "addcmul",
  "ceil",
  "clamp",
  "clampMax",
  "clampMin",
  "cos",
  "div",
  "exp",
  "floor",
  "floorDivide",
  "fmod",
  "indexAdd",
  "indexCopy",
  "indexFill",
  "lerp",
  "log",
  "maskedFill",
  "mul",
  "neg",
  "pow",
  "reciprocal",
  "relu",
  "remainder",
  "round",
  "rsqrt",
  "scatter",
  "scatterAdd",
  "sigmoid",
  "sin",
  "sqrt",
  "square",
  "sub",
  "tanh",
  "tril",
  "triu",
  "trunc",
] as const;

type OpMethods = { [K in Exclude<keyof Ops, (typeof notMethods)[number]>]: Method<Ops[K]> };

type InPlaceMethods = {
  [K in (typeof inPlaceNames)[number] as `${K}_`]: Ops[K] extends (self: infer _Self, ...rest: infer Rest) => unknown
    ? (...rest: Rest) => Tensor
    : never;
};

/** Every op as a method of Tensor, the forms in place, and those that only exist as methods. */
export interface TensorMethods extends OpMethods, InPlaceMethods, RandomMethods {
  /** Largest of all, along a dimension with indices, or of two tensors element by element (torch.Tensor.max). */
  max(): Tensor;
  max(other: Tensor): Tensor;
  max(dim: number, options?: ops.ReduceOptions): ops.ValuesAndIndices;
  /** Smallest of all, along a dimension with indices, or of two tensors element by element (torch.Tensor.min). */
  min(): Tensor;
  min(other: Tensor): Tensor;
  min(dim: number, options?: ops.ReduceOptions): ops.ValuesAndIndices;
  /** The lower of the middle values: of all, or along a dimension with indices (torch.Tensor.median). */
  median(): Tensor;
  median(dim: number, options?: ops.ReduceOptions): ops.ValuesAndIndices;
  /** The lower of the middle values of those that are not NaN: of all, or along a dimension (torch.Tensor.nanmedian). */
  nanmedian(): Tensor;
  nanmedian(dim: number, options?: ops.ReduceOptions): ops.ValuesAndIndices;
  /** This tensor where the condition holds, else `other` (torch.Tensor.where). */
  where(condition: Tensor, other: Operand): Tensor;
  /** Adds the gradient of this tensor to the `grad` of the leaves that it depends on: see {@link backward}. */
  backward(gradient?: Tensor | null, options?: BackwardOptions): void;
  /** Sets every element to 0 (torch.Tensor.zero_). */
  zero_(): this;
  /** Sets every element to a number (torch.Tensor.fill_). */
  fill_(value: Operand): this;
  /** Takes the elements of another tensor, broadcast and converted (torch.Tensor.copy_). */
  copy_(source: Tensor): this;
  /** This tensor with the dtype of another (torch.Tensor.type_as). */
  typeAs(other: Tensor): Tensor;
}

const own = {
  max(this: Tensor, dim?: number | Tensor, options?: ops.ReduceOptions) {
    return dim instanceof Tensor
      ? ops.maximum(this, dim)
      : dim === undefined
        ? ops.max(this)
        : ops.max(this, dim, options);
  },
  min(this: Tensor, dim?: number | Tensor, options?: ops.ReduceOptions) {
    return dim instanceof Tensor
      ? ops.minimum(this, dim)
      : dim === undefined
        ? ops.min(this)
        : ops.min(this, dim, options);
  },
  median(this: Tensor, dim?: number, options?: ops.ReduceOptions) {
    return dim === undefined ? ops.median(this) : ops.median(this, dim, options);
  },
  nanmedian(this: Tensor, dim?: number, options?: ops.ReduceOptions) {
    return dim === undefined ? ops.nanmedian(this) : ops.nanmedian(this, dim, options);
  },
  where(this: Tensor, condition: Tensor, other: Operand) {
    return ops.where(condition, this, other);
  },
  backward(this: Tensor, gradient?: Tensor | null, options?: BackwardOptions) {
    backward(this, gradient, options);
  },
  zero_(this: Tensor) {
    return rewrite("zero_", this, (array) => k.fill(array, 0));
  },
  fill_(this: Tensor, value: Operand) {
    if (!(value instanceof Tensor)) return rewrite("fill_", this, (array) => k.fill(array, Number(value)));
    if (value.ndim > 0)
      fail("invalid_shape", "fill_", "the value must be a number or a 0-d tensor", { value: value.shape });
    return this.copy_(value);
  },
  copy_(this: Tensor, source: Tensor) {
    return assign("copy_", this, (before) =>
      overwrite(before, ops.expand(as(source, this.dtype as DType), this.shape)),
    );
  },
  typeAs(this: Tensor, other: Tensor) {
    return ops.to(this, other.dtype);
  },
};

type AnyFunction = (...args: unknown[]) => unknown;

function install(name: string, method: unknown): void {
  Object.defineProperty(Tensor.prototype, name, { value: method, writable: true, configurable: true });
}

// what Node's console prints
Object.defineProperty(Tensor.prototype, Symbol.for("nodejs.util.inspect.custom"), {
  value(this: Tensor) {
    return this.toString();
  },
});
for (const [name, op] of Object.entries(ops) as [string, AnyFunction][]) {
  if (typeof op !== "function" || (notMethods as readonly string[]).includes(name)) continue;
  install(name, function (this: Tensor, ...args: unknown[]) {
    return op(this, ...args);
  });
}
for (const name of inPlaceNames) {
  const op = ops[name] as AnyFunction;
  install(`${name}_`, function (this: Tensor, ...args: unknown[]) {
    return assign(`${name}_`, this, (before) => op(before, ...args) as Tensor);
  });
}
for (const [name, method] of Object.entries({ ...own, ...randomMethods })) install(name, method);
