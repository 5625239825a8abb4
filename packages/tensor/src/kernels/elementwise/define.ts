import type { DType } from "../../dtype.ts";
import type { NDArray } from "../../ndarray.ts";
import type { LaneFunction } from "../../wasm/lanes.ts";
import { type BinaryRow, binaryRow, runBinary, runUnary, type UnaryRow, unaryRow } from "../generic.ts";
import { type KernelPair, kernelPair } from "../pair.ts";
import type { UsualForm } from "./laneLoops.ts";
import { type LaneKernel, laneKernel } from "./stream.ts";

/** A kernel of one operand, which broadcasts to the shape of `out`. */
export type Unary = KernelPair<[out: NDArray, a: NDArray]>;
/** A kernel of two operands, which broadcast to the shape of `out`. */
export type Binary = KernelPair<[out: NDArray, a: NDArray, b: NDArray]>;

/** The fast form of an elementwise kernel. */
export interface Fast {
  /** dtype of the operands; truth values come as masks. @defaultValue float32 */
  readonly input?: DType;
  /** What it computes in four lanes. */
  readonly lanes: LaneFunction;
  /** A few instructions, or many; decides how long a loop must be to be worth a call. */
  readonly cost: "light" | "heavy";
  /** How far it may be from the definition, in units of the last place. @defaultValue 0 */
  readonly ulps?: number;
  /** dtype of the result. @defaultValue float32 */
  readonly output?: DType;
  /** A shorter form for usual values. @defaultValue none */
  readonly usual?: UsualForm;
}

/** What defines an elementwise kernel of one operand. */
export interface UnarySpec {
  readonly name: string;
  /** The function, in double precision; the result is rounded once, when it is stored. */
  readonly f: (x: number) => number;
  /** The same for int32 results, where double precision would not do. @defaultValue f */
  readonly int?: (x: number) => number;
  /** Its inner loop written out, for functions that cost less than a call. @defaultValue a loop over f */
  readonly row?: UnaryRow;
  /** Its name in `ndarray-ops`, if it means exactly the same there. */
  readonly known?: string;
  /** @defaultValue none */
  readonly fast?: Fast;
}

/** Declares an elementwise kernel of one operand. */
export function unary({ name, f, int = f, row = unaryRow(f), known, fast }: UnarySpec): Unary {
  const intRow = int === f ? row : unaryRow(int);
  const js = (out: NDArray, a: NDArray): void => runUnary(out.dtype === "int32" ? intRow : row, out, a, known);
  if (fast === undefined) return kernelPair({ name, js });
  const kernel = fastKernel(name, 1, fast);
  return kernelPair({
    name,
    js,
    wasm: (out: NDArray, a: NDArray) => kernel.run(out, a),
    accepts: (out: NDArray, a: NDArray) => kernel.accepts(out, a),
    pays: fast.cost === "light" ? paysLight : paysHeavy,
    ulps: fast.ulps ?? 0,
  });
}

/** What defines an elementwise kernel of two operands. */
export interface BinarySpec {
  readonly name: string;
  /** The function, in double precision; the result is rounded once, when it is stored. */
  readonly f: (x: number, y: number) => number;
  /** The same for int32 results, where double precision would not do. @defaultValue f */
  readonly int?: (x: number, y: number) => number;
  /** The same for bool results of bool operands; 1 and 0. @defaultValue f */
  readonly bool?: (x: number, y: number) => number;
  /** Its inner loop written out, for functions that cost less than a call. @defaultValue a loop over f */
  readonly row?: BinaryRow;
  /** Its name in `ndarray-ops`, if it means exactly the same there. */
  readonly known?: string;
  /** @defaultValue none */
  readonly fast?: Fast;
}

/** Declares an elementwise kernel of two operands. */
export function binary({ name, f, int = f, bool = f, row = binaryRow(f), known, fast }: BinarySpec): Binary {
  const intRow = int === f ? row : binaryRow(int);
  const boolRow = bool === f ? row : binaryRow(bool);
  const js = (out: NDArray, a: NDArray, b: NDArray): void =>
    runBinary(out.dtype === "int32" ? intRow : out.dtype === "bool" ? boolRow : row, out, a, b, known);
  if (fast === undefined) return kernelPair({ name, js });
  const kernel = fastKernel(name, 2, fast);
  return kernelPair({
    name,
    js,
    wasm: (out: NDArray, a: NDArray, b: NDArray) => kernel.run(out, a, b),
    accepts: (out: NDArray, a: NDArray, b: NDArray) => kernel.accepts(out, a, b),
    pays: fast.cost === "light" ? paysLight : paysHeavy,
    ulps: fast.ulps ?? 0,
  });
}

function fastKernel(name: string, count: 1 | 2, fast: Fast): LaneKernel {
  const { input = "float32", output = "float32", cost } = fast;
  const inputs = count === 1 ? [input] : [input, input];
  return laneKernel({ ...fast, name, inputs, output, unroll: cost === "light" ? 2 : 1 });
}

/** Whether a call is worth it for a few instructions an element. */
export function paysLight(out: NDArray): boolean {
  return out.size >= 128;
}

/** The same for many instructions an element. */
export function paysHeavy(out: NDArray): boolean {
  return out.size >= 8;
}
