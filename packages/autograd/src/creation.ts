import {
  arrayFrom,
  checkShape,
  type DType,
  dtypeOf,
  fail,
  isFloating,
  k,
  NDArray,
  type NdarrayLike,
  type Shape,
  type TypedArray,
} from "@tapegrad/tensor";
import { context } from "./context.ts";
import { Tensor } from "./tensor.ts";

/** What every function that makes a tensor takes. */
export interface TensorOptions {
  /** The type of the elements. @defaultValue float32; for data, what fits them */
  readonly dtype?: DType;
  /** Whether gradients accumulate in it. @defaultValue false */
  readonly requiresGrad?: boolean;
}

/** Data for a tensor: a number, nested lists, a typed array, a scijs ndarray, or another tensor. */
export type TensorData =
  | number
  | boolean
  | bigint
  | readonly TensorData[]
  | TypedArray
  | Uint8ClampedArray
  | Int8Array
  | Int16Array
  | Uint16Array
  | NdarrayLike
  | Tensor;

/** Finishes a new tensor: inference mark, and gradients where they are wanted. */
export function made(array: NDArray, { requiresGrad = false }: TensorOptions = {}): Tensor {
  if (context.inference) array.storage.version = -1;
  array.storage.exposed = false; // only what made it has seen the typed array
  const tensor = new Tensor(array);
  context.interpreter?.created(tensor);
  return requiresGrad ? tensor.requiresGrad_() : tensor;
}

/**
 * A tensor from data, always copied (torch.tensor).
 *
 * Numbers become float32, since JavaScript cannot tell 1 from 1.0; booleans become bool; typed arrays keep their kind
 * (Float64Array float64, Int32Array and smaller integers int32).
 *
 * @param data numbers or booleans in nested lists, a typed array, a scijs ndarray, or a tensor
 * @throws TensorError `invalid_shape` when rows differ in length; `invalid_argument` for anything that is not a number
 */
export function tensor(data: TensorData, options: TensorOptions = {}): Tensor {
  const source = read(data);
  const dtype = options.dtype ?? source.dtype;
  return made(NDArray.wrap(arrayFrom(dtype, source.values), source.shape, dtype), options);
}

/** A tensor over the elements of a typed array or scijs ndarray, shared and not copied where the type allows it (torch.from_numpy). */
export function fromArray(source: TypedArray | NdarrayLike, shape?: Shape): Tensor {
  const array =
    "shape" in source
      ? NDArray.fromNdarray(source)
      : source instanceof Uint8Array
        ? NDArray.of(source, [source.length], "int32")
        : NDArray.wrap(source);
  const exposed = !(source instanceof NDArray) || source.storage.exposed; // the caller has the typed array
  const viewed = shape === undefined ? array : array.reshaped(checkShape("fromArray", shape));
  const result = made(
    viewed ??
      fail("invalid_shape", "fromArray", "the array cannot be viewed in this shape", { array: array.shape, shape }),
  );
  array.storage.exposed = exposed;
  return result;
}

interface Source {
  readonly values: ArrayLike<number>;
  readonly shape: Shape;
  readonly dtype: DType;
}

function read(data: TensorData): Source {
  if (data instanceof Tensor) return { values: data.toArray(), shape: data.shape, dtype: data.dtype };
  if (ArrayBuffer.isView(data)) {
    const ours = data instanceof Float32Array || data instanceof Float64Array;
    return {
      values: data as ArrayLike<number>,
      shape: [(data as ArrayLike<number>).length],
      dtype: ours ? dtypeOf(data) : "int32",
    };
  }
  if (typeof data === "object" && "stride" in data) {
    const array = NDArray.fromNdarray(data);
    return { values: array.toArray(), shape: array.shape, dtype: array.dtype };
  }
  const values: number[] = [];
  const shape: number[] = [];
  const kinds = new Set<string>();
  for (let level: TensorData = data; Array.isArray(level); level = level[0] as TensorData) {
    shape.push(level.length);
    if (level.length === 0) break;
  }
  const walk = (value: TensorData, depth: number): void => {
    if (Array.isArray(value)) {
      if (value.length !== shape[depth]) {
        fail(
          "invalid_shape",
          "tensor",
          "the rows differ in length",
          { depth, expected: shape[depth] ?? "a number", found: value.length },
          "nested lists must form a box",
        );
      }
      for (const item of value) walk(item, depth + 1);
      return;
    }
    if (depth !== shape.length && !(value instanceof Tensor && depth + value.ndim === shape.length)) {
      fail(
        "invalid_shape",
        "tensor",
        "a number stands where a list was expected",
        { depth, shape },
        "nested lists must form a box",
      );
    }
    const leaf = value instanceof Tensor ? value.item() : value;
    if (typeof leaf !== "number" && typeof leaf !== "boolean" && typeof leaf !== "bigint") {
      fail("invalid_argument", "tensor", "an element is neither a number nor a boolean", {
        element: leaf,
        type: typeof leaf,
      });
    }
    kinds.add(typeof leaf);
    values.push(Number(leaf));
  };
  walk(data, 0);
  const only = kinds.size === 1 ? [...kinds][0] : undefined;
  return { values, shape, dtype: only === "boolean" ? "bool" : only === "bigint" ? "int32" : "float32" };
}

/** Sizes as an array or one by one, options last: `zeros(2, 3)`, `zeros([2, 3], { dtype: "int32" })`. */
export type SizesAndOptions<O = TensorOptions> =
  | readonly [Shape, O?]
  | readonly [...number[]]
  | readonly [...number[], O];

/** Sorts out {@link SizesAndOptions}. */
export function sizesAndOptions<O extends object>(where: string, args: readonly unknown[]): [Shape, O] {
  const last = args.at(-1);
  const options = (typeof last === "object" && !Array.isArray(last) ? last : {}) as O;
  const sizes = (Array.isArray(args[0]) ? args[0] : args.filter((arg) => typeof arg === "number")) as Shape;
  return [checkShape(where, sizes), options];
}

/** Zeros (torch.zeros). */
export function zeros(...args: SizesAndOptions): Tensor {
  const [shape, options] = sizesAndOptions<TensorOptions>("zeros", args);
  return full(shape, 0, { dtype: "float32", ...options });
}

/** Ones (torch.ones). */
export function ones(...args: SizesAndOptions): Tensor {
  const [shape, options] = sizesAndOptions<TensorOptions>("ones", args);
  return full(shape, 1, { dtype: "float32", ...options });
}

/** A tensor whose elements are yet to be written; here they are zero (torch.empty). */
export function empty(...args: SizesAndOptions): Tensor {
  const [shape, options] = sizesAndOptions<TensorOptions>("empty", args);
  return full(shape, 0, { dtype: "float32", ...options });
}

/** One value everywhere; a boolean gives bool, a number float32 unless a dtype is named (torch.full). */
export function full(shape: Shape, value: number | boolean, options: TensorOptions = {}): Tensor {
  const dtype = options.dtype ?? (typeof value === "boolean" ? "bool" : "float32");
  const array = NDArray.zeros(checkShape("full", shape), dtype);
  if (value !== 0 && value !== false) k.fill(array, Number(value));
  return made(array, options);
}

/** Zeros in the shape and dtype of another tensor (torch.zeros_like). */
export function zerosLike(input: Tensor, options: TensorOptions = {}): Tensor {
  return full(input.shape, 0, { dtype: input.dtype, ...options });
}

/** Ones in the shape and dtype of another tensor (torch.ones_like). */
export function onesLike(input: Tensor, options: TensorOptions = {}): Tensor {
  return full(input.shape, 1, { dtype: input.dtype, ...options });
}

/** A tensor of the shape and dtype of another, yet to be written (torch.empty_like). */
export function emptyLike(input: Tensor, options: TensorOptions = {}): Tensor {
  return zerosLike(input, options);
}

/** One value everywhere, in the shape and dtype of another tensor (torch.full_like). */
export function fullLike(input: Tensor, value: number | boolean, options: TensorOptions = {}): Tensor {
  return full(input.shape, value, { dtype: input.dtype, ...options });
}

/**
 * Numbers from `start` up to, not including, `end` (torch.arange); int32 when all are whole, as torch gives its integer type.
 *
 * There are ⌈(end − start) / step⌉ of them, also of int32, for which start and step are then cut off toward zero.
 *
 * @throws TensorError `invalid_argument` where the step does not lead from start to end
 */
export function arange(end: number, options?: TensorOptions): Tensor;
export function arange(start: number, end: number, options?: TensorOptions): Tensor;
export function arange(start: number, end: number, step: number, options?: TensorOptions): Tensor;
export function arange(...args: (number | TensorOptions | undefined)[]): Tensor {
  const numbers = args.filter((arg) => typeof arg === "number");
  const options = (args.find((arg) => typeof arg === "object") ?? {}) as TensorOptions;
  const [start, end, step] = numbers.length === 1 ? [0, numbers[0]!, 1] : [numbers[0]!, numbers[1]!, numbers[2] ?? 1];
  if (step === 0 || !Number.isFinite(start) || !Number.isFinite(end) || (end - start) / step < 0) {
    fail("invalid_argument", "arange", "the step does not lead from start to end", { start, end, step });
  }
  const length = Math.ceil((end - start) / step);
  const dtype = options.dtype ?? (numbers.every(Number.isInteger) ? "int32" : "float32");
  const whole = (value: number): number => (dtype === "int32" ? Math.trunc(value) : value);
  const values = Float64Array.from({ length }, (_, i) => whole(start) + i * whole(step));
  return tensor(values, { ...options, dtype });
}

/** `steps` numbers evenly from `start` to `end`, both included (torch.linspace). */
export function linspace(start: number, end: number, steps: number, options: TensorOptions = {}): Tensor {
  if (!Number.isInteger(steps) || steps < 0)
    fail("invalid_argument", "linspace", "the number of steps must be a whole number of at least 0", { steps });
  const step = steps > 1 ? (end - start) / (steps - 1) : 0;
  // from both ends towards the middle, as torch does
  const values = Float64Array.from({ length: steps }, (_, i) =>
    i < steps / 2 ? start + i * step : end - (steps - 1 - i) * step,
  );
  return tensor(values, { dtype: "float32", ...options });
}

/** `steps` numbers from base^start to base^end, evenly in the exponent (torch.logspace). */
export function logspace(start: number, end: number, steps: number, base = 10, options: TensorOptions = {}): Tensor {
  const exponents = linspace(start, end, steps, { dtype: "float64" }).toArray();
  return tensor(
    Float64Array.from(exponents, (exponent) => base ** exponent),
    { dtype: "float32", ...options },
  );
}

/** Ones on the diagonal, zeros elsewhere (torch.eye). */
export function eye(rows: number, columns: number = rows, options: TensorOptions = {}): Tensor {
  const array = NDArray.zeros(checkShape("eye", [rows, columns]), options.dtype ?? "float32");
  k.fill(array.diagonal(), 1);
  return made(array, options);
}

/** Whether a value is a tensor (torch.is_tensor). */
export function isTensor(value: unknown): value is Tensor {
  return value instanceof Tensor;
}

/** The floating dtype of a tensor, or float32 for the others. */
export function floatTypeOf(input: Tensor): DType {
  return isFloating(input.dtype) ? input.dtype : "float32";
}
