import type { DType } from "../../dtype.ts";
import type { NDArray } from "../../ndarray.ts";
import type { LaneFunction } from "../../wasm/lanes.ts";
import { type BinaryRow, binaryRow, runBinary, runUnary, type UnaryRow, unaryRow } from "../generic.ts";
import { type KernelPair, type KernelSpec, kernelPair } from "../pair.ts";
import type { UsualForm } from "./laneLoops.ts";
import { laneKernel } from "./stream.ts";

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

/** What a {@link Fast} form is as a part of a kernel of one or two operands. */
type FastForm = Pick<KernelSpec<[out: NDArray, a: NDArray, b?: NDArray]>, "wasm" | "accepts" | "pays" | "ulps">;

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

/** Declares an elementwise kernel of one operand; what defines it is asked for at first use. */
export function unary(declaration: () => UnarySpec): Unary {
  return kernelPair(() => {
    const { name, f, int = f, row = unaryRow(f), known, fast } = declaration();
    const intRow = int === f ? row : unaryRow(int);
    const js = (out: NDArray, a: NDArray): void => runUnary(out.dtype === "int32" ? intRow : row, out, a, known);
    return fast === undefined ? { name, js } : { name, js, ...fastForm(name, 1, fast) };
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

/** Declares an elementwise kernel of two operands; what defines it is asked for at first use. */
export function binary(declaration: () => BinarySpec): Binary {
  return kernelPair(() => {
    const { name, f, int = f, bool = f, row = binaryRow(f), known, fast } = declaration();
    const intRow = int === f ? row : binaryRow(int);
    const boolRow = bool === f ? row : binaryRow(bool);
    const js = (out: NDArray, a: NDArray, b: NDArray): void =>
      runBinary(out.dtype === "int32" ? intRow : out.dtype === "bool" ? boolRow : row, out, a, b, known);
    return fast === undefined ? { name, js } : { name, js, ...fastForm(name, 2, fast) };
  });
}

function fastForm(name: string, count: 1 | 2, fast: Fast): FastForm {
  const { input = "float32", output = "float32", cost, ulps = 0 } = fast;
  const inputs = count === 1 ? [input] : [input, input];
  const kernel = laneKernel({ ...fast, name, inputs, output, unroll: cost === "light" ? 2 : 1 });
  return {
    wasm: (out, a, b) => kernel.run(out, a, b),
    accepts: (out, a, b) => kernel.accepts(out, a, b),
    pays: cost === "light" ? paysLight : paysHeavy,
    ulps,
  };
}

/** Whether a call is worth it for a few instructions an element. */
export function paysLight(out: NDArray): boolean {
  return out.size >= 128;
}

/** The same for many instructions an element. */
export function paysHeavy(out: NDArray): boolean {
  return out.size >= 8;
}
