import { Tensor } from "@tapegrad/autograd";
import { type DType, fail, NDArray } from "@tapegrad/tensor";

/** Options of a {@link Parameter}. */
export interface ParameterOptions {
  /** Whether gradients accumulate in it. @defaultValue true */
  readonly requiresGrad?: boolean;
}

/**
 * A tensor that a module learns: held in a property of a module, it is one of its parameters (torch.nn.Parameter).
 *
 * It shares its elements with `data`, and requires gradients unless told otherwise.
 *
 * @throws TensorError `invalid_dtype` when the elements are not floating-point and gradients are wanted
 */
export class Parameter extends Tensor {
  static override readonly name: string = "Parameter";
  constructor(data: Tensor, { requiresGrad = true }: ParameterOptions = {}) {
    super(elementsOf("Parameter", data));
    if (requiresGrad) this.requiresGrad_();
  }

  override toString(): string {
    return `Parameter containing:\n${super.toString()}`;
  }
}

/** Options of a {@link Buffer}. */
export interface BufferOptions {
  /** Whether it is part of the state dict. @defaultValue true */
  readonly persistent?: boolean;
}

/**
 * A tensor that belongs to a module's state but is not learned, such as a running mean: held in a property of a module,
 * it is one of its buffers (torch.nn.Buffer).
 *
 * It shares its elements with `data`.
 */
export class Buffer extends Tensor {
  static override readonly name: string = "Buffer";
  /** Whether it is part of the state dict. */
  readonly persistent: boolean;

  constructor(data: Tensor, { persistent = true }: BufferOptions = {}) {
    super(elementsOf("Buffer", data));
    this.persistent = persistent;
  }
}

function elementsOf(where: string, data: Tensor): NDArray {
  if (data instanceof Tensor) return data.array;
  const found = Array.isArray(data) ? "array" : typeof data;
  return fail("invalid_argument", where, "it is made from a tensor", { found }, "tensor(...) makes one");
}

/** Gives a leaf's elements another dtype, in place: its gradient and hooks go with it. */
export function convert(tensor: Tensor, dtype: DType): void {
  const { node, grad } = tensor;
  const converted = NDArray.of(tensor.toArray(), tensor.shape, dtype);
  if (node !== null) tensor.requiresGrad_(false);
  tensor.array = converted;
  if (node !== null) tensor.requiresGrad_().node!.adoptHooks(node);
  if (grad !== null) tensor.grad = grad.detach().to(dtype);
}
