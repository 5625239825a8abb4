import { isFloating } from "@tapegrad/tensor";
import { Tensor } from "tapegrad";
import type { Json } from "./fixture.ts";
import { dtypeFor, elementsOf, isJsonTensor, isObject, type JsonTensor, numberOf } from "./reader.ts";
import { largestError, statedFrom, type Tolerance } from "./tolerance.ts";

/** How two results differ: in dtype alone, in whole numbers or truth values, in fractions, or in more than that. */
export type Difference = "dtype" | "integers" | "fractions" | "form";

/** What a comparison found. */
export interface Comparison {
  /** The largest relative error; Infinity where the two do not even have the same form. */
  readonly error: number;
  /** What was found and what was wanted, where that is more than the tolerance allows. */
  readonly mismatch: { readonly got: string; readonly want: string; readonly difference: Difference } | null;
}

/** What a result is held against. */
export interface Truth {
  /** The values. */
  readonly value: Json;
  /** Where the dtypes come from, if they are not those of the values. */
  readonly dtypes?: Json | undefined;
  /** Torch's own float32 result, which says how far off float32 is in this case. */
  readonly torch32?: Json | undefined;
}

const same: Comparison = { error: 0, mismatch: null };

const differs = (got: string, want: string, difference: Difference = "form"): Comparison => ({
  error: Number.POSITIVE_INFINITY,
  mismatch: { got, want, difference },
});

/** Holds a result against what torch gave. @param tolerance what the policy allows for it */
export function compare(got: unknown, { value, dtypes = value, torch32 }: Truth, tolerance: Tolerance): Comparison {
  if (isJsonTensor(value)) {
    const dtype = isJsonTensor(dtypes) ? dtypes.t : value.t;
    return compareTensor(got, value, dtype, isJsonTensor(torch32) ? torch32 : null, tolerance);
  }
  const wanted = itemsOf(value);
  if (wanted === null) return compareLeaf(got, value, tolerance);
  const items = listOf(got, namesOf(value));
  if (items?.length !== wanted.length) return differs(describe(got), `${wanted.length} values`);
  const [types, singles] = [itemsOf(dtypes), itemsOf(torch32)];
  const found = wanted.map((want, i) =>
    compare(items[i], { value: want, dtypes: types?.[i], torch32: singles?.[i] }, tolerance),
  );
  return {
    error: Math.max(0, ...found.map(({ error }) => error)),
    mismatch: found.find(({ mismatch }) => mismatch !== null)?.mismatch ?? null,
  };
}

/** The results of a call as a flat list, depth first, in the order in which torch's results are flattened. */
export function flattened(got: unknown, want: Json): unknown[] {
  const wanted = isJsonTensor(want) ? null : itemsOf(want);
  const items = wanted === null ? null : listOf(got, namesOf(want));
  if (wanted === null || items === null) return [got];
  return wanted.flatMap((item, i) => flattened(items[i], item));
}

/** The items of a list or tuple of the fixtures. */
function itemsOf(json: Json | undefined): readonly Json[] | null {
  if (Array.isArray(json)) return json;
  return isObject(json) && Array.isArray(json.tuple) ? json.tuple : null;
}

function namesOf(json: Json): readonly string[] | null {
  return isObject(json) && Array.isArray(json.names) ? (json.names as readonly string[]) : null;
}

/** A list of ours, or an object with several results: by torch's names where it has them, else in its own order. */
function listOf(got: unknown, names: readonly string[] | null): readonly unknown[] | null {
  if (Array.isArray(got)) return got;
  if (typeof got !== "object" || got === null || got instanceof Tensor) return null;
  if (names?.every((name) => name in got)) return names.map((name): unknown => Reflect.get(got, name));
  return Object.values(got);
}

function compareLeaf(got: unknown, want: Json, tolerance: Tolerance): Comparison {
  if (isObject(want) && "dtype" in want) {
    const dtype = dtypeFor(String(want.dtype));
    return got === dtype ? same : differs(describe(got), dtype);
  }
  if (typeof want === "number" || (isObject(want) && "n" in want)) {
    const number = isObject(want) ? numberOf(want.n) : Number(want);
    if (typeof got !== "number") return differs(describe(got), String(number));
    const { error } = largestError([got], [number]);
    if (error <= tolerance.float64) return { error, mismatch: null };
    return { error, mismatch: { got: String(got), want: String(number), difference: "fractions" } };
  }
  if (want === null) return got === null || got === undefined ? same : differs(describe(got), "nothing");
  return got === want ? same : differs(describe(got), JSON.stringify(want));
}

function compareTensor(
  got: unknown,
  want: JsonTensor,
  torchDType: string,
  torch32: JsonTensor | null,
  tolerance: Tolerance,
): Comparison {
  const dtype = dtypeFor(torchDType);
  const wanted = `${dtype} [${want.shape.join(", ")}]`;
  if (!(got instanceof Tensor)) return differs(describe(got), wanted);
  if (got.shape.join() !== want.shape.join()) return differs(describe(got), wanted);
  const truth = elementsOf(want);
  const elements = got.toArray();
  const single = torch32 === null ? undefined : elementsOf(torch32);
  const { error, at } = largestError(elements, truth, tolerance.either ? single : undefined);
  const allowed = dtype === "float32" || dtype === "float64" ? Math.max(tolerance[dtype], errorOf(single, truth)) : 0;
  if (got.dtype !== dtype) return differs(describe(got), wanted, error <= allowed ? "dtype" : "form");
  if (error <= allowed) return { error, mismatch: null };
  const place = `at ${placeOf(at, want)}`;
  const difference = isFloating(dtype) ? "fractions" : "integers";
  return { error, mismatch: { got: `${elements[at]} ${place}`, want: `${truth[at]} ${place}`, difference } };
}

/** How far torch's own float32 result is from the truth, up to the size from which on the fixtures say so themselves. */
function errorOf(single: ArrayLike<number> | undefined, truth: ArrayLike<number>): number {
  return single === undefined ? 0 : Math.min(largestError(single, truth).error, statedFrom);
}

/** The place of an element as indices. */
function placeOf(at: number, { shape }: JsonTensor): string {
  const indices: number[] = [];
  let rest = at;
  for (const size of [...shape].reverse()) {
    indices.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  return `[${indices.join(", ")}]`;
}

/** What a value is, in a few words. */
export function describe(value: unknown): string {
  if (value instanceof Tensor) return `${value.dtype} [${value.shape.join(", ")}]`;
  if (Array.isArray(value)) return `${value.length} values`;
  if (value === undefined || value === null) return "nothing";
  return typeof value === "object" ? `an object with ${Object.keys(value).join(", ")}` : String(value);
}
