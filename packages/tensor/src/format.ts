import { type DType, isFloating } from "./dtype.ts";
import { formatExponent, formatFixed } from "./format/float.ts";
import { getPrintOptions, type PrintOptions } from "./format/options.ts";
import type { NDArray } from "./ndarray.ts";
import type { Shape } from "./shape.ts";

export { formatExponent, formatFixed, formatFloat } from "./format/float.ts";
export { getPrintOptions, type PrintOptionChanges, type PrintOptions, setPrintOptions } from "./format/options.ts";

/** What is said after the elements about the tape. */
export interface FormatSuffix {
  /** Whether gradients are recorded for it. @defaultValue false */
  readonly requiresGrad?: boolean | undefined;
  /** The name of the operation that made it, such as `AddBackward0`; it replaces `requires_grad`. */
  readonly gradFn?: string | undefined;
}

const PREFIX = "tensor(";

/** torch's name of each dtype; int32 is our integer type and is printed as torch's own, int64. */
const torchNames: Readonly<Record<DType, string>> = {
  float32: "torch.float32",
  float64: "torch.float64",
  int32: "torch.int64",
  bool: "torch.bool",
};

/**
 * The text of an array, character for character as torch prints a tensor: `tensor([1., 2.], requires_grad=True)`.
 *
 * float32, int32 and bool go without a dtype, except that an empty array names any dtype but float32. Only what is shown
 * is read, so a large array costs no more than a small one.
 *
 * @see torch.Tensor.__repr__ (torch/_tensor_str.py); {@link getPrintOptions}
 */
export function formatNDArray(array: NDArray, { requiresGrad = false, gradFn }: FormatSuffix = {}): string {
  const options = getPrintOptions();
  const { shape, dtype } = array;
  const empty = array.size === 0;
  const suffixes: string[] = [];
  if (empty ? shape.length !== 1 : options.edgeitems === 0) suffixes.push(`size=${formatTuple(shape)}`);
  if (empty ? dtype !== "float32" : dtype === "float64") suffixes.push(`dtype=${torchNames[dtype]}`);
  if (gradFn !== undefined) suffixes.push(`grad_fn=<${gradFn}>`);
  else if (requiresGrad) suffixes.push("requires_grad=True");
  return addSuffixes(PREFIX + formatElements(array, options), suffixes, options.linewidth);
}

/** A shape as Python prints a tuple: `()`, `(3,)`, `(2, 0)`. */
function formatTuple(shape: Shape): string {
  return shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
}

/** Suffixes follow on the same line while they fit, and each starts a new one where it does not. */
function addSuffixes(text: string, suffixes: readonly string[], linewidth: number): string {
  const indent = PREFIX.length;
  let out = text;
  let used = text.length - text.lastIndexOf("\n") + 1; // one or two more than there are: torch counts so
  for (const suffix of suffixes) {
    if (used + suffix.length + 2 > linewidth) {
      out += `,\n${" ".repeat(indent)}${suffix}`;
      used = indent + suffix.length;
    } else {
      out += `, ${suffix}`;
      used += suffix.length + 2;
    }
  }
  return `${out})`;
}

function formatElements(array: NDArray, options: PrintOptions): string {
  const { shape, size, dtype } = array;
  const { edgeitems } = options;
  if (size === 0) return "[]";
  const summarise = size > options.threshold;
  if (summarise && edgeitems === 0 && shape.length > 0) return "[...]";
  const isCut = (length: number): boolean => summarise && length > 2 * edgeitems;

  const values: number[] = [];
  gather(array, 0, array.offset, (length) => (isCut(length) ? edgeitems : length), values);
  const cells = isFloating(dtype) ? formatFloats(values, options) : formatWholes(values, dtype);
  return layOut(shape, cells, isCut, options);
}

/** The shown elements, in logical order: `kept(length)` at each end of a dimension, each once. */
function gather(array: NDArray, dim: number, at: number, kept: (length: number) => number, out: number[]): void {
  if (dim === array.shape.length) {
    out.push(array.data[at]!);
    return;
  }
  const length = array.shape[dim]!;
  const step = array.stride[dim]!;
  const head = kept(length);
  for (let i = 0; i < length; i++) {
    if (i === head) i = length - head;
    gather(array, dim + 1, at + i * step, kept, out);
  }
}

/** The texts of the shown elements, and how wide they are made. */
interface Cells {
  readonly texts: readonly string[];
  readonly width: number;
}

function formatWholes(values: readonly number[], dtype: DType): Cells {
  const texts = values.map((value) => (dtype !== "bool" ? String(value) : value === 0 ? "False" : "True"));
  return { texts, width: widest(texts) };
}

/**
 * Chooses one notation for all shown numbers, from those that are finite and not zero: scientific if they span more than a
 * factor of 1000, exceed 1e8 or fall below 1e-4; else without decimals if all are whole; else with `precision` decimals.
 */
function formatFloats(values: readonly number[], { precision, sciMode }: PrintOptions): Cells {
  let smallest = Number.POSITIVE_INFINITY;
  let largest = 0;
  let whole = true;
  for (const value of values) {
    if (value === 0 || !Number.isFinite(value)) continue;
    const size = Math.abs(value);
    if (size < smallest) smallest = size;
    if (size > largest) largest = size;
    whole &&= Number.isInteger(value);
  }
  const counts = (value: number): boolean => value !== 0 && Number.isFinite(value);
  // with nothing to judge by, torch prints "0." whatever sciMode says
  const scientific = largest > 0 && (sciMode ?? (largest / smallest > 1000 || largest > 1e8 || smallest < 1e-4));
  const write = scientific
    ? (value: number): string => formatExponent(value, precision)
    : whole
      ? (value: number): string => formatFixed(value, 0) + (Number.isFinite(value) ? "." : "")
      : (value: number): string => formatFixed(value, precision);
  const texts = values.map(write);
  return { texts, width: widest(texts.filter((_, i) => counts(values[i]!))) };
}

function widest(texts: readonly string[]): number {
  return texts.reduce((width, text) => Math.max(width, text.length), 1);
}

/** Nested brackets around the cells: rows broken at the line width, a blank line more between the blocks of each outer level. */
function layOut(
  shape: Shape,
  { texts, width }: Cells,
  isCut: (length: number) => boolean,
  { edgeitems, linewidth }: PrintOptions,
): string {
  let next = 0;
  const cell = (): string => texts[next++]!.padStart(width);
  const last = shape.length - 1;

  const block = (dim: number): string => {
    if (dim > last) return cell();
    const length = shape[dim]!;
    const indent = PREFIX.length + dim;
    const parts: string[] = [];
    for (let i = isCut(length) ? 2 * edgeitems : length; i > 0; i--) {
      if (isCut(length) && i === edgeitems) parts.push(dim === last ? " ..." : "...");
      parts.push(block(dim + 1));
    }
    const margin = " ".repeat(indent + 1);
    if (dim < last) return `[${parts.join(`,${"\n".repeat(last - dim)}${margin}`)}]`;
    const perLine = Math.max(1, Math.floor((linewidth - indent) / (width + 2)));
    const lines: string[] = [];
    for (let i = 0; i < parts.length; i += perLine) lines.push(parts.slice(i, i + perLine).join(", "));
    return `[${lines.join(`,\n${margin}`)}]`;
  };
  return block(0);
}
