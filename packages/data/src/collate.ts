import { isTensor, stack, type Tensor, tensor } from "@tapegrad/autograd";
import { fail } from "@tapegrad/tensor";

/** What a batch of samples of type T is: tensors stacked, numbers and booleans in a tensor, lists and objects part by part. */
export type Collated<T> = T extends Tensor | number | boolean
  ? Tensor
  : T extends string
    ? string[]
    : T extends readonly unknown[]
      ? { -readonly [K in keyof T]: Collated<T[K]> }
      : T extends object
        ? { -readonly [K in keyof T]: Collated<T[K]> }
        : T[];

/**
 * Makes one batch of several samples (torch.utils.data.default_collate).
 *
 * @throws TensorError `invalid_argument` for samples of different kinds or lengths
 */
export function defaultCollate<T>(samples: readonly T[]): Collated<T> {
  return collate(samples) as Collated<T>;
}

function collate(samples: readonly unknown[]): unknown {
  const first = samples[0];
  if (first === undefined) return fail("invalid_argument", "defaultCollate", "there are no samples");
  if (samples.every(isTensor)) return stack(samples);
  if (samples.every((sample) => typeof sample === "number")) {
    // whole numbers are class indices far more often than measurements that happen to be whole
    return tensor(samples, { dtype: samples.every(Number.isInteger) ? "int32" : "float32" });
  }
  if (samples.every((sample) => typeof sample === "boolean")) return tensor(samples);
  if (samples.every((sample) => typeof sample === "string")) return [...samples];
  if (samples.every(Array.isArray)) {
    const { length } = first as unknown[];
    if (samples.some((sample) => sample.length !== length)) {
      fail(
        "invalid_argument",
        "defaultCollate",
        "the samples differ in length",
        { lengths: samples.map((sample) => sample.length) },
        "pass a collate function of your own",
      );
    }
    return Array.from({ length }, (_, i) => collate(samples.map((sample) => sample[i] as unknown)));
  }
  if (samples.every(isRecord)) {
    return Object.fromEntries(
      Object.keys(samples[0]!).map((key) => [key, collate(samples.map((sample) => sample[key]))]),
    );
  }
  return fail(
    "invalid_argument",
    "defaultCollate",
    "the samples are of kinds that cannot be batched",
    { kinds: [...new Set(samples.map((sample) => typeof sample))] },
    "pass a collate function of your own",
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !isTensor(value) && !Array.isArray(value);
}
