import { atFirstUse, broadcastShapes, type DType, fail, isFloating, type NDArray } from "@tapegrad/tensor";
import { defineOp, type InputGradient, type Op } from "../op.ts";
import { meet, type Operand } from "../operands.ts";
import { Tensor } from "../tensor.ts";

/** A function of one tensor, element by element. */
export type Unary = (input: Tensor) => Tensor;

/** A function of two operands, element by element, with broadcasting. */
export type Binary = (input: Operand, other: Operand) => Tensor;

/** A function of a tensor and of what it is compared with, element by element, with broadcasting. */
export type Comparison = (input: Tensor, other: Operand) => Tensor;

/** A function of two tensors, element by element, with broadcasting. */
export type Pairwise = (input: Tensor, other: Tensor) => Tensor;

/** Which operands may be numbers. */
export type Numbers = "both" | "either" | "other" | "none";

/** Results that are fractions by nature: integers and truth values go in, float32 comes out. */
export const floating = (dtype: DType): DType => (isFloating(dtype) ? dtype : "float32");

/** A {@link Unary} op. */
export interface UnarySpec {
  readonly name: string;
  readonly kernel: (out: NDArray, input: NDArray) => void;
  /** Whether integers become float32 first. @defaultValue true */
  readonly floats?: boolean;
  /** The dtype of the result, where it is not that of the input. */
  readonly result?: DType;
  /** What `backward` reads: 0 for the input, "output". */
  readonly saves?: readonly (0 | "output")[];
  /** The gradient for the input; null: not differentiable. */
  readonly backward: InputGradient<undefined> | null;
}

/** Declares a function of one tensor, element by element; what it is made of is asked for at first use. */
export function unary(declaration: () => UnarySpec): Op<Unary> {
  return defineOp<[Tensor], undefined, Unary>(
    () => {
      const { name, kernel, floats = true, result, saves = [], backward } = declaration();
      return {
        name,
        infer: (inputs) => {
          const input = inputs[0];
          const dtype = result ?? (floats ? floating(input.dtype) : input.dtype);
          return dtype === input.dtype ? input : { shape: input.shape, dtype };
        },
        forward: (out, inputs) => kernel(out, inputs[0]),
        saves,
        backward: backward && [backward],
        tidy: true,
      };
    },
    (apply) => (input) => apply([input], undefined),
  );
}

/** A {@link Binary} op. */
export interface BinarySpec {
  readonly name: string;
  readonly kernel: (out: NDArray, input: NDArray, other: NDArray) => void;
  /** The dtype in which the operands meet, from their common one. */
  readonly meet?: (common: DType) => DType;
  /** The dtype of the result, where it is not that of the operands. */
  readonly result?: DType;
  /** Which operands may be numbers, as torch has it. @defaultValue "both" */
  readonly numbers?: Numbers;
  readonly saves?: readonly (0 | 1 | "output")[];
  /** The gradients for the two operands; the engine undoes broadcasting. null: not differentiable. */
  readonly backward: readonly [InputGradient<undefined>, InputGradient<undefined>] | null;
}

/** Declares a function of two operands, element by element, with broadcasting; what it is made of is asked for at first use. */
export function binary(declaration: () => BinarySpec): Op<Binary> {
  const declared = atFirstUse(declaration);
  return defineOp<[Tensor, Tensor], undefined, Binary>(
    () => {
      const { name, kernel, result, saves = [], backward } = declared();
      return {
        name,
        infer: (inputs) => {
          const a = inputs[0];
          const shape = broadcastShapes(name, a.shape, inputs[1].shape);
          const dtype = result ?? a.dtype;
          return shape === a.shape && dtype === a.dtype ? a : { shape, dtype };
        },
        forward: (out, inputs) => kernel(out, inputs[0], inputs[1]),
        saves,
        backward,
        tidy: true,
      };
    },
    (apply) => (input, other) => {
      const { name, meet: meetAs, numbers = "both" } = declared();
      if (numbers !== "both") checkNumbers(name, input, other, numbers);
      const operands = meet(name, input, other);
      const [a] = operands;
      const dtype = meetAs?.(a.dtype) ?? a.dtype;
      return apply(dtype === a.dtype ? operands : meet(name, input, other, dtype), undefined);
    },
  );
}

/** Refuses numbers where torch wants tensors. */
export function checkNumbers(where: string, input: Operand, other: Operand, numbers: Exclude<Numbers, "both">): void {
  if (
    input instanceof Tensor
      ? numbers !== "none" || other instanceof Tensor
      : numbers === "either" && other instanceof Tensor
  )
    return;
  const which = { none: "both operands", other: "the first operand", either: "one of the operands" }[numbers];
  const kind = (operand: Operand): string => (operand instanceof Tensor ? "a tensor" : String(operand));
  const facts = { input: kind(input), other: kind(other) };
  fail(
    "invalid_argument",
    where,
    `${which} must be ${numbers === "none" ? "tensors" : "a tensor"}`,
    facts,
    "make it one with tensor()",
  );
}
