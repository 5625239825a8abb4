import { type DType, fail } from "@tapegrad/tensor";
import { checkChoice, checkCount, withDefaults } from "../../options.ts";
import { python } from "../../python.ts";

/** How `linearCrossEntropy` goes through a batch, as in torch.nn.LinearCrossEntropyOptions. */
export interface LinearCrossEntropyOptions {
  /** Rows whose logits are held at once; null: as `chunkingMethod` says. @defaultValue null */
  readonly batchChunkSize?: number | null;
  /**
   * How many rows are taken at once. "aspect_ratio": as many as have logits the size of the whole input, rounded up to a power of 2;
   * "aspect_ratio:n": the n-th part of that. null: all, or `batchChunkSize`.
   *
   * @defaultValue "auto", which is "aspect_ratio:2", or null with a `batchChunkSize`
   */
  readonly chunkingMethod?: "auto" | "aspect_ratio" | `aspect_ratio:${number}` | null;
  /** For torch's sake: what is added up in small dtypes, which do not exist here. No effect. @defaultValue "auto" */
  readonly accPolicy?: "auto" | "accurate" | "balanced" | "compact";
  /** For torch's sake: the dtype of the input, if any. @defaultValue null */
  readonly accDtype?: DType | null;
  /** For torch's sake: a graph may be kept in any case. No effect. @defaultValue false */
  readonly allowRetainGraph?: boolean;
}

const defaults = {
  allowRetainGraph: false,
  batchChunkSize: null,
  chunkingMethod: "auto",
  accPolicy: "auto",
  accDtype: null,
} as const;

const policies = ["auto", "accurate", "balanced", "compact"] as const;

/** The sizes that decide how a batch is cut. */
export interface Sizes {
  readonly rows: number;
  readonly features: number;
  readonly classes: number;
  readonly dtype: DType;
}

/** Logits that are held at once where nothing is said: 16 MB of them in float32. */
const MANY_LOGITS = 2 ** 22;
/** Rows that are always taken at once where nothing is said, lest the matrix products be too thin. */
const FEW_ROWS = 8;

/**
 * How many rows are taken at once: at least 1, at most all.
 *
 * @throws TensorError `invalid_option`
 */
export function rowsAtOnce(where: string, sizes: Sizes, options: LinearCrossEntropyOptions | null): number {
  const { rows, classes, dtype } = sizes;
  const within = (count: number): number => Math.max(1, Math.min(count, rows));
  if (options === null) return within(Math.max(FEW_ROWS, Math.floor(MANY_LOGITS / classes)));
  const { batchChunkSize, chunkingMethod, accPolicy, accDtype } = withDefaults(where, options, defaults);
  checkChoice(where, "accPolicy", accPolicy, policies);
  if (accDtype !== null && accDtype !== dtype) {
    fail("invalid_option", where, "accDtype must be the dtype of the input", { accDtype, input: dtype });
  }
  if (batchChunkSize !== null) checkCount(where, "batchChunkSize", batchChunkSize, 1);
  const parts = partsOf(
    where,
    chunkingMethod === "auto" ? (batchChunkSize === null ? "aspect_ratio:2" : null) : chunkingMethod,
  );
  const given = within(batchChunkSize ?? rows);
  if (parts === null) return given;
  const found = within(Math.floor(byAspectRatio(sizes) / parts));
  if (batchChunkSize !== null && batchChunkSize !== found) {
    const facts = { batchChunkSize, chunkingMethod: `${chunkingMethod}, which gives ${found}` };
    fail("invalid_option", where, "batchChunkSize and chunkingMethod contradict each other", facts, "pass one of them");
  }
  return found;
}

/** The n of a method "aspect_ratio:n"; null: there is no method. */
function partsOf(where: string, method: string | null): number | null {
  if (method === null) return null;
  const parts = /^aspect_ratio(?::(\d+))?$/.exec(method);
  const count = Number(parts?.[1] ?? 1);
  if (parts !== null && count > 0) return count;
  const hint = '"auto", "aspect_ratio", "aspect_ratio:2" or null';
  return fail("invalid_option", where, "unknown chunkingMethod", { chunkingMethod: method }, hint);
}

/** The power of 2 from which on the logits of so many rows are as large as the whole input. */
function byAspectRatio({ rows, features, classes }: Sizes): number {
  const least = Math.ceil(rows / Math.ceil(classes / Math.max(1, features)));
  return 2 ** Math.ceil(Math.log2(Math.max(1, least)));
}

/** The options as torch prints them. */
export function describeOptions(where: string, options: LinearCrossEntropyOptions | null): string {
  if (options === null) return "None";
  const { allowRetainGraph, batchChunkSize, chunkingMethod, accPolicy, accDtype } = withDefaults(
    where,
    options,
    defaults,
  );
  const settings = {
    allow_retain_graph: python(allowRetainGraph),
    batch_chunk_size: python(batchChunkSize),
    chunking_method: python(chunkingMethod),
    acc_policy: python(accPolicy),
    acc_dtype: accDtype === null ? "None" : `torch.${accDtype}`,
  };
  const list = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
  return `LinearCrossEntropyOptions(${list.join(", ")})`;
}
