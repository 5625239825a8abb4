import { arrayFrom, arrayOf, type DType, fail, NDArray, type Shape, Storage, stridesOf } from "@tapegrad/tensor";
import { slice, Tensor } from "tapegrad";
import { construct } from "./construct.ts";
import type { CallRecord, Json, JsonObject } from "./fixture.ts";
import { functionAt } from "./library.ts";
import { camelCase } from "./signature.ts";

/** A tensor as the fixtures write it. */
export interface JsonTensor {
  readonly t: "float32" | "float64" | "int32" | "int64" | "bool";
  readonly shape: Shape;
  /** The elements in row-major order, whatever the layout. */
  readonly data: readonly (number | boolean | string)[];
  readonly strides?: readonly number[];
  readonly offset?: number;
}

/** The arguments of a call, as values of ours. */
export interface CallValues {
  readonly input: unknown;
  readonly args: readonly unknown[];
  readonly kwargs: ReadonlyMap<string, unknown>;
}

/** Whether a value is a tensor. */
export function isJsonTensor(json: unknown): json is JsonTensor {
  return isObject(json) && "t" in json && "data" in json;
}

const tuples = new WeakSet<object>();

/** Whether a list that a {@link Reader} has read was a tuple in Python: the difference matters among indices. */
export function isTuple(value: unknown): boolean {
  return typeof value === "object" && value !== null && tuples.has(value);
}

/** Whether a value is an object of JSON and no list. */
export function isObject(json: unknown): json is JsonObject {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}

/** Our dtype for one of torch's: int64, which we do not have, is int32 here. */
export function dtypeFor(torch: string): DType {
  return torch === "int64" ? "int32" : (torch as DType);
}

/** A number of the fixtures, which write NaN and infinities as words. */
export function numberOf(json: unknown): number {
  if (json === "nan") return Number.NaN;
  if (json === "inf") return Number.POSITIVE_INFINITY;
  if (json === "-inf") return Number.NEGATIVE_INFINITY;
  return Number(json);
}

const int32Range = "an integer beyond 32 bits";

/** The elements of a tensor; those of float32 rounded to it, as the fixtures mean them. */
export function elementsOf({ t, data }: JsonTensor): Float64Array {
  const values = Float64Array.from(data, numberOf);
  if (t === "float32") for (let i = 0; i < values.length; i++) values[i] = Math.fround(values[i]!);
  if (t === "int64" && values.some((value) => value !== (value | 0))) fail("unsupported", "conformance", int32Range);
  return values;
}

/** Turns the values of one call into ours. Every tensor read is kept by its path. */
export class Reader {
  /** The tensors that were read, by their paths in the call. */
  readonly tensors: Map<string, Tensor> = new Map();
  readonly #wide: boolean;
  readonly #leaves: ReadonlySet<string>;
  #floats: ReadonlySet<string> = new Set();

  /**
   * @param wide   whether float32 is read as float64: tensors, after rounding, and dtypes
   * @param leaves paths of the tensors that are to require gradients
   */
  constructor(wide: boolean, leaves: Iterable<string> = []) {
    this.#wide = wide;
    this.#leaves = new Set(leaves);
  }

  /** Whether float32 is read as float64. */
  get wide(): boolean {
    return this.#wide;
  }

  /** All arguments of a call. @param prefix what their paths begin with */
  call({ input, args = [], kwargs = {}, floats = [] }: CallRecord, prefix = ""): CallValues {
    this.#floats = new Set(floats.map((path) => `${prefix}${path}`));
    return {
      input: input === undefined ? undefined : this.value(input, `${prefix}input`),
      args: args.map((arg, i) => this.value(arg, `${prefix}args.${i}`)),
      kwargs: this.keywords(kwargs, `${prefix}kwargs`),
    };
  }

  /** Keyword arguments by torch's names. */
  keywords(kwargs: JsonObject, path: string): Map<string, unknown> {
    return new Map(Object.entries(kwargs).map(([name, value]) => [name, this.value(value, `${path}.${name}`)]));
  }

  /**
   * One value.
   *
   * @throws TensorError `unsupported` for what has no counterpart here
   */
  value(json: Json, path = ""): unknown {
    if (Array.isArray(json)) return json.map((item: Json, i) => this.value(item, `${path}.${i}`));
    if (typeof json === "number") return this.#plain(json, path);
    if (!isObject(json)) return json;
    if (isJsonTensor(json)) return this.#tensor(json, path);
    if ("n" in json) return this.#number(json.n);
    if ("tuple" in json) return this.#tuple(json.tuple as readonly Json[], path);
    if ("dtype" in json) return this.#dtype(String(json.dtype));
    if ("slice" in json) return this.#slice(json.slice as readonly (number | null)[]);
    if ("ellipsis" in json) return "...";
    if ("fn" in json) return functionAt(String(json.fn).split(".").map(camelCase).join("."));
    if ("module" in json) return this.#module(json, path);
    if ("dict" in json) return this.#dictionary(json.dict as JsonObject, path);
    return fail("unsupported", "conformance", "a value of a kind that is not known", { keys: Object.keys(json) });
  }

  #plain(number: number, path: string): number {
    const beyond = Number.isInteger(number) && Math.abs(number) > 2 ** 31 && !this.#floats.has(path);
    return beyond ? fail("unsupported", "conformance", int32Range) : number;
  }

  #tensor(json: JsonTensor, path: string): Tensor {
    const dtype = this.#dtype(json.t);
    const tensor = new Tensor(layOut(elementsOf(json), json, dtype));
    if (this.#leaves.has(path)) tensor.requiresGrad_();
    this.tensors.set(path, tensor);
    return tensor;
  }

  #tuple(json: readonly Json[], path: string): readonly unknown[] {
    const items = json.map((item, i) => this.value(item, `${path}.${i}`));
    tuples.add(items);
    return items;
  }

  #number(json: Json | undefined): number {
    if (typeof json === "string" && /^-?\d+$/.test(json)) fail("unsupported", "conformance", int32Range);
    return numberOf(json);
  }

  #dtype(torch: string): DType {
    return this.#wide && torch === "float32" ? "float64" : dtypeFor(torch);
  }

  #module(json: JsonObject, path: string): unknown {
    const { args = [], kwargs = {} } = json as CallRecord;
    const values = args.map((arg, i) => this.value(arg, `${path}.args.${i}`));
    return construct(`nn.${String(json.module)}`, values, this.keywords(kwargs, `${path}.kwargs`));
  }

  #slice([start = null, stop = null, step = null]: readonly (number | null)[]): unknown {
    return slice(start, stop, step ?? 1);
  }

  #dictionary(json: JsonObject, path: string): Record<string, unknown> {
    const entries = Object.entries(json).map(([key, value]) => [camelCase(key), this.value(value, `${path}.${key}`)]);
    return Object.fromEntries(entries);
  }
}

/** Elements in the layout that the fixtures describe; what lies between them stays zero. */
function layOut(elements: Float64Array, { shape, strides, offset = 0 }: JsonTensor, dtype: DType): NDArray {
  if (strides === undefined) return NDArray.of(elements, shape, dtype);
  const places = placesOf(shape, strides, offset);
  const array = arrayOf(dtype, Math.max(offset, ...places) + 1);
  const converted = arrayFrom(dtype, elements);
  for (let i = 0; i < places.length; i++) array[places[i]!] = converted[i]!;
  return new NDArray(new Storage(array), shape, strides, offset, dtype);
}

function placesOf(shape: Shape, strides: readonly number[], offset: number): number[] {
  const dense = stridesOf(shape);
  const size = shape.reduce((product, n) => product * n, 1);
  return Array.from({ length: size }, (_, at) => {
    let rest = at;
    let place = offset;
    for (let d = 0; d < shape.length; d++) {
      const index = Math.floor(rest / dense[d]!);
      rest -= index * dense[d]!;
      place += index * strides[d]!;
    }
    return place;
  });
}
