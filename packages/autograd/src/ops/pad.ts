import { fail, k, type Shape } from "@tapegrad/tensor";
import { defineOp, type Op } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { indexSelect } from "./indexSelect.ts";

/** How {@link pad} fills. */
export interface PadOptions {
  /** With `value`, with the elements mirrored at the border, with the border's element, or with the other end's. @defaultValue "constant" */
  readonly mode?: "constant" | "reflect" | "replicate" | "circular";
  /** What "constant" fills with. @defaultValue 0 */
  readonly value?: number;
}

/** How much comes before and after, for each dimension from the first. */
type Border = readonly (readonly [before: number, after: number])[];

type ConstantPad = (input: Tensor, border: Border, value: number) => Tensor;

const constantPad: Op<ConstantPad> = defineOp<[Tensor], { border: Border; value: number }, ConstantPad>(
  () => ({
    name: "constantPadNd",
    infer: ([{ shape, dtype }], { border }) => ({ shape: padded("pad", shape, border), dtype }),
    forward: (out, [input], { border, value }) => {
      if (value !== 0) k.fill(out, value);
      // what is left of the input, and where it lies in the result
      let [source, target] = [input, out];
      border.forEach(([before, after], d) => {
        const count = Math.max(0, input.shape[d]! + Math.min(before, 0) + Math.min(after, 0));
        source = source.slice(d, Math.max(-before, 0), count);
        target = target.slice(d, Math.max(before, 0), count);
      });
      if (source.size > 0) k.copy(target, source);
    },
    backward: [
      ({ grad, attrs: { border } }) =>
        constantPad(
          grad,
          border.map(([before, after]) => [-before, -after]),
          0,
        ),
    ],
  }),
  (apply) => (input, border, value) => apply([input], { border, value }),
);

/**
 * The tensor with a border, or without one where the padding is negative.
 *
 * @param padding how much to add before and after, for the last dimension first: `[left, right, top, bottom, ...]`
 * @throws TensorError `invalid_argument` | `invalid_option` | `invalid_shape`
 * @see torch.nn.functional.pad, which pads only some ranks except with "constant"
 */
export function pad(input: Tensor, padding: readonly number[], { mode = "constant", value }: PadOptions = {}): Tensor {
  const where = "pad";
  if (padding.length % 2 !== 0 || padding.length > 2 * input.ndim || !padding.every(Number.isInteger)) {
    const hint = "[left, right, top, bottom, ...], whole numbers, two for each padded dimension, the last one first";
    fail("invalid_argument", where, "the padding does not fit", { shape: input.shape, padding }, hint);
  }
  const border: Border = input.shape.map((_, d) => {
    const at = 2 * (input.ndim - 1 - d);
    return [padding[at] ?? 0, padding[at + 1] ?? 0];
  });
  if (mode === "constant") return constantPad(input, border, value ?? 0);
  const source = sources[mode];
  if (source === undefined) {
    fail("invalid_option", where, "unknown mode", { mode }, 'one of "constant", "reflect", "replicate", "circular"');
  }
  if (value !== undefined) fail("invalid_option", where, 'only mode "constant" takes a value', { mode, value });
  padded(where, input.shape, border);
  return border.reduce((result, [before, after], dim) => {
    if (before === 0 && after === 0) return result;
    const size = input.shape[dim]!;
    // what goes round is what a negative padding leaves; the other modes look at what it takes away
    const [lost, kept] =
      mode === "circular" ? [Math.max(-before, 0), size + Math.min(before, 0) + Math.min(after, 0)] : [0, size];
    checkReach(mode, Math.max(before, after), { size: kept, padding });
    const start = before + lost;
    const index = Int32Array.from({ length: before + size + after }, (_, i) => lost + source(i - start, kept));
    return indexSelect(result, dim, index);
  }, input);
}

function padded(where: string, shape: Shape, border: Border): Shape {
  return shape.map((size, d) => {
    const [before, after] = border[d]!;
    // also when the sum is not negative, more than everything cannot be taken away from one side
    if (size + before + after < 0 || size + before < 0 || size + after < 0) {
      fail("invalid_argument", where, "the padding takes away more than there is", { shape, before, after, dim: d });
    }
    return size + before + after;
  });
}

type BorderMode = Exclude<NonNullable<PadOptions["mode"]>, "constant">;

/** Which element of a dimension stands at place i, counted from its first. */
const sources: Readonly<Record<BorderMode, (i: number, size: number) => number>> = {
  reflect: (i, size) => (i < 0 ? -i : i >= size ? 2 * (size - 1) - i : i),
  replicate: (i, size) => Math.min(Math.max(i, 0), size - 1),
  circular: (i, size) => (i < 0 ? i + size : i >= size ? i - size : i),
};

function checkReach(mode: BorderMode, reach: number, facts: { size: number; padding: readonly number[] }): void {
  const most = { reflect: facts.size - 1, replicate: facts.size === 0 ? 0 : reach, circular: facts.size }[mode];
  if (reach > most) {
    const problem = `with mode "${mode}" the padding reaches beyond the other end`;
    fail("invalid_argument", "pad", problem, facts, `at most ${Math.max(most, 0)} can be added to this dimension`);
  }
}
