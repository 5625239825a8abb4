import { arrayFrom, arrayOf, type DType, dtypeOf, type TypedArray } from "./dtype.ts";
import { fail } from "./errors.ts";
import { isRowMajor, normaliseDim, reshapeStrides, type Shape, sizeOf, stridesOf } from "./shape.ts";
import { Storage } from "./storage.ts";
import { forEachRow } from "./visit.ts";

/** Anything with the fields of a scijs `ndarray`. */
export interface NdarrayLike {
  readonly data: ArrayLike<number>;
  readonly shape: readonly number[];
  readonly stride: readonly number[];
  readonly offset: number;
}

/**
 * A strided view of typed elements, without gradients: element (i, j, ...) is `data[offset + i·stride[0] + j·stride[1] + ...]`.
 *
 * By structure it is a scijs `ndarray`, so packages such as `ndarray-ops` take it as it is. Every view is O(1) and shares
 * its storage. It is what kernels work on; users of tapegrad meet `Tensor`.
 */
export class NDArray {
  /** The elements, shared with every other view of them. */
  readonly storage: Storage;
  /** Sizes of the dimensions, outermost first. */
  readonly shape: Shape;
  /** Elements between neighbours along each dimension; 0 where a dimension is expanded, negative where it is reversed. */
  readonly stride: readonly number[];
  /** Where element (0, ..., 0) lies. */
  readonly offset: number;
  /** The type of the elements. */
  readonly dtype: DType;
  /** Number of elements. */
  readonly size: number;
  /** Whether the elements are row-major without gaps. */
  readonly isContiguous: boolean;

  /** The last two say what `shape` and `stride` say already, for callers that know. */
  constructor(
    storage: Storage,
    shape: Shape,
    stride: readonly number[],
    offset: number,
    dtype: DType,
    size: number = sizeOf(shape),
    isContiguous: boolean = isRowMajor(shape, stride),
  ) {
    this.storage = storage;
    this.shape = shape;
    this.stride = stride;
    this.offset = offset;
    this.dtype = dtype;
    this.size = size;
    this.isContiguous = isContiguous;
  }

  /** A row-major array of zeros. */
  static zeros(shape: Shape, dtype: DType = "float32"): NDArray {
    const size = sizeOf(shape);
    return new NDArray(Storage.of(dtype, size), shape, stridesOf(shape), 0, dtype, size, true);
  }

  /** A row-major array of zeros, of the shape and dtype of `other`. */
  static zerosLike(other: NDArray): NDArray {
    const { shape, dtype, size } = other;
    const stride = other.isContiguous ? other.stride : stridesOf(shape);
    return new NDArray(Storage.of(dtype, size), shape, stride, 0, dtype, size, true);
  }

  /** A row-major array with undefined contents, every one of which is about to be written. */
  static unfilled(shape: Shape, dtype: DType): NDArray {
    const size = sizeOf(shape);
    return new NDArray(Storage.unfilled(dtype, size), shape, stridesOf(shape), 0, dtype, size, true);
  }

  /** The same, of the shape and dtype of `other`. */
  static unfilledLike(other: NDArray): NDArray {
    const { shape, dtype, size } = other;
    const stride = other.isContiguous ? other.stride : stridesOf(shape);
    return new NDArray(Storage.unfilled(dtype, size), shape, stride, 0, dtype, size, true);
  }

  /** A row-major array with undefined contents, for the engine's own use: it may live in the kernels' memory. */
  static own(shape: Shape, dtype: DType): NDArray {
    const size = sizeOf(shape);
    return new NDArray(Storage.own(dtype, size), shape, stridesOf(shape), 0, dtype, size, true);
  }

  /** The same, of the shape and dtype of `other`. */
  static ownLike(other: NDArray): NDArray {
    const { shape, dtype, size } = other;
    const stride = other.isContiguous ? other.stride : stridesOf(shape);
    return new NDArray(Storage.own(dtype, size), shape, stride, 0, dtype, size, true);
  }

  /** A row-major array over `array` itself, which is not copied. */
  static wrap(array: TypedArray, shape: Shape = [array.length], dtype: DType = dtypeOf(array)): NDArray {
    if (sizeOf(shape) !== array.length) {
      fail("invalid_shape", "NDArray.wrap", "the shape does not hold the elements", { shape, elements: array.length });
    }
    return new NDArray(new Storage(array), shape, stridesOf(shape), 0, dtype);
  }

  /** A row-major copy of `values`, given in logical order. */
  static of(values: ArrayLike<number>, shape: Shape = [values.length], dtype: DType = "float32"): NDArray {
    return NDArray.wrap(arrayFrom(dtype, values), shape, dtype);
  }

  /**
   * A view of a scijs `ndarray`, without a copy where its elements are of one of our types; others are converted
   * (small integers to int32, generic arrays to float32).
   */
  static fromNdarray(source: NdarrayLike): NDArray {
    if (source instanceof NDArray) return source;
    const { data, shape, stride, offset } = source;
    const ours = data instanceof Float32Array || data instanceof Float64Array || data instanceof Int32Array;
    if (ours) return new NDArray(new Storage(data), [...shape], [...stride], offset, dtypeOf(data));
    const integers = ArrayBuffer.isView(data) && !(data instanceof Uint32Array);
    const dtype = integers ? "int32" : "float32";
    return new NDArray(new Storage(arrayFrom(dtype, data)), [...shape], [...stride], offset, dtype);
  }

  /** The typed array behind the view, to be read and written: all of the storage, not only what the view shows. */
  get data(): TypedArray {
    return this.storage.exposedArray;
  }

  /** Number of dimensions. */
  get dimension(): number {
    return this.shape.length;
  }

  /** Dimensions from the smallest stride to the largest, as scijs defines it. */
  get order(): number[] {
    const order = this.shape.map((_, i) => i);
    return order.sort((a, b) => Math.abs(this.stride[a]!) - Math.abs(this.stride[b]!));
  }

  /** Where an element lies in `data`. */
  index(...indices: number[]): number {
    let at = this.offset;
    for (let i = 0; i < this.stride.length; i++) at += (indices[i] ?? 0) * this.stride[i]!;
    return at;
  }

  /** One element. */
  get(...indices: number[]): number {
    return this.storage.readable[this.index(...indices)]!;
  }

  /** Writes one element, the last argument, and returns it. */
  set(...indicesAndValue: number[]): number {
    const value = indicesAndValue.pop()!;
    this.data[this.index(...indicesAndValue)] = value;
    return value;
  }

  /** Another view of the same elements. */
  view(shape: Shape, stride: readonly number[], offset: number = this.offset): NDArray {
    return new NDArray(this.storage, shape, stride, offset, this.dtype);
  }

  /** Elements from the given index on, along each dimension (scijs). */
  lo(...starts: number[]): NDArray {
    const shape = this.shape.map((n, i) => n - (starts[i] ?? 0));
    return this.view(shape, this.stride, this.index(...starts));
  }

  /** Elements up to the given count, along each dimension (scijs). */
  hi(...ends: number[]): NDArray {
    return this.view(
      this.shape.map((n, i) => ends[i] ?? n),
      this.stride,
    );
  }

  /** Every n-th element along each dimension; negative steps start at the end (scijs). */
  step(...steps: number[]): NDArray {
    let offset = this.offset;
    const shape = [...this.shape];
    const stride = [...this.stride];
    for (let i = 0; i < steps.length; i++) {
      const step = Math.trunc(steps[i]!);
      if (step < 0) offset += stride[i]! * (shape[i]! - 1);
      shape[i] = Math.ceil(shape[i]! / Math.abs(step));
      stride[i] = stride[i]! * step;
    }
    return this.view(shape, stride, offset);
  }

  /** The dimensions in another order (scijs): dimension i of the result is dimension `axes[i]`. */
  transpose(...axes: number[]): NDArray {
    const order = this.shape.map((_, i) => axes[i] ?? i);
    return this.view(
      order.map((i) => this.shape[i]!),
      order.map((i) => this.stride[i]!),
    );
  }

  /** Fixes indices: a number drops its dimension, null or nothing keeps it (scijs). */
  pick(...indices: (number | null)[]): NDArray {
    const kept = this.shape.map((_, i) => i).filter((i) => (indices[i] ?? -1) < 0);
    const at = indices.map((i) => Math.max(i ?? 0, 0));
    return this.view(
      kept.map((i) => this.shape[i]!),
      kept.map((i) => this.stride[i]!),
      this.index(...at),
    );
  }

  /** One index along `dim`, which is dropped (torch.select). The index must be inside. */
  select(dim: number, index: number): NDArray {
    return this.view(
      this.shape.filter((_, i) => i !== dim),
      this.stride.filter((_, i) => i !== dim),
      this.offset + index * this.stride[dim]!,
    );
  }

  /** `count` indices along `dim`, from `start`, every `step`-th; a negative step walks backwards. */
  slice(dim: number, start: number, count: number, step = 1): NDArray {
    const shape = this.shape.map((n, i) => (i === dim ? count : n));
    const stride = this.stride.map((s, i) => (i === dim ? s * step : s));
    return this.view(shape, stride, count === 0 ? this.offset : this.offset + start * this.stride[dim]!);
  }

  /** Broadcast to a larger shape, with strides of 0. The shapes must broadcast. */
  expand(shape: Shape): NDArray {
    const lead = shape.length - this.shape.length;
    const stride = shape.map((n, i) =>
      i < lead || (this.shape[i - lead] === 1 && n !== 1) ? 0 : this.stride[i - lead]!,
    );
    return this.view(shape, stride);
  }

  /** Elements (i, i + offset) of two dimensions, as a new last dimension (torch.diagonal). */
  diagonal(offset = 0, dim1 = 0, dim2 = 1): NDArray {
    const a = normaliseDim("diagonal", dim1, this.dimension);
    const b = normaliseDim("diagonal", dim2, this.dimension);
    if (a === b) fail("invalid_dim", "diagonal", "the two dimensions must differ", { dim1, dim2 });
    const rows = this.shape[a]! + Math.min(offset, 0);
    const columns = this.shape[b]! - Math.max(offset, 0);
    const length = Math.max(0, Math.min(rows, columns));
    const start = offset >= 0 ? offset * this.stride[b]! : -offset * this.stride[a]!;
    const keep = (_: unknown, i: number): boolean => i !== a && i !== b;
    return this.view(
      [...this.shape.filter(keep), length],
      [...this.stride.filter(keep), this.stride[a]! + this.stride[b]!],
      length === 0 ? this.offset : this.offset + start,
    );
  }

  /** Windows of `size` every `step` along `dim`, each as a new last dimension (torch.Tensor.unfold). */
  windows(dim: number, size: number, step: number): NDArray {
    const count = Math.floor((this.shape[dim]! - size) / step) + 1;
    return this.view(
      [...this.shape.map((n, i) => (i === dim ? count : n)), size],
      [...this.stride.map((s, i) => (i === dim ? s * step : s)), this.stride[dim]!],
    );
  }

  /** The same elements under another shape, without a copy; null where that needs one. */
  reshaped(shape: Shape): NDArray | null {
    const stride = reshapeStrides(this.shape, this.stride, shape);
    return stride && this.view(shape, stride);
  }

  /** The elements in logical order, copied. */
  toArray(): TypedArray {
    const { offset, size } = this;
    const data = this.storage.readable;
    if (this.isContiguous) return data.slice(offset, offset + size);
    const out = arrayOf(this.dtype, size);
    let at = 0;
    forEachRow(this, (first, step, length) => {
      const start = at;
      for (let j = 0, i = first; j < length; j++, i += step) out[start + j] = data[i]!;
      at += length;
    });
    return out;
  }

  /** A row-major copy. */
  copy(): NDArray {
    return NDArray.wrap(this.toArray(), this.shape, this.dtype);
  }

  /** This array if it is row-major, else a row-major copy. */
  contiguous(): NDArray {
    return this.isContiguous ? this : this.copy();
  }
}
