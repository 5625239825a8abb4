import type { DType } from "@tapegrad/tensor";
import type { Tensor } from "../../src/index.ts";
import type * as ops from "../../src/ops/index.ts";
import { type Elements, perElement } from "./elements.ts";

type Ops = typeof ops;

/** The names in a module of the functions that give what `T` says: a tensor, several, or a record of them. */
type Giving<M, T> = keyof { [K in keyof M as M[K] extends (...args: never) => T ? K : never]: K };

/** The names of all functions of the op surface that give a tensor. */
export type OpName = Giving<Ops, Tensor>;

/** The names of all functions of the op surface that give several. The two left out give whatever tensor they are given. */
export type SeveralName = Exclude<
  Giving<Ops, Tensor[] | ops.ValuesAndIndices | ops.VarMean | ops.StdMean | ops.MinMax>,
  "indexPut_" | "setAt_"
>;

/** Samples for each function of a module that gives a tensor: a new one without a sample does not compile. */
export type Samples<M> = { readonly [K in Giving<M, Tensor> & keyof M]: readonly Sample<M[K]>[] };

/** Samples for each function of the op surface that gives several tensors; each sample looks at one of them. */
export type SeveralSamples = { readonly [K in SeveralName]: readonly Sample<Ops[K]>[] };

/** One input of a sample. */
export interface InputSample {
  readonly shape: readonly number[];
  /** @defaultValue [-2, 2]; [0, 1] for truth values */
  readonly range?: readonly [min: number, max: number];
  /** @defaultValue float64 in gradient laws, both precisions elsewhere */
  readonly dtype?: DType;
  /** Whether values must differ from each other by more than the steps of finite differences: for extrema and sorting. */
  readonly distinct?: boolean;
  /** Kinks, jumps and poles: values keep a distance of 1/16 from them. */
  readonly avoid?: readonly number[];
  /** Values are `offset` and whole numbers of steps: inputs on different lattices are never equal. */
  readonly lattice?: readonly [step: number, offset: number];
  /** Whether no gradient flows to it although it is floating-point. */
  readonly constant?: boolean;
}

/** Against what an error is measured: the magnitude of the element itself, or the largest of the result and 1. */
export type Scale = "element" | "largest";

/** How the laws exercise one op. `F`: the op's function. */
export interface Sample<F = AnyFunction> {
  /** What tells it from the op's other samples. */
  readonly title?: string;
  readonly inputs: readonly InputSample[];
  /** Calls the op, which may also come as a method or in its form in place; by default with the inputs alone. */
  call?(op: F, ...inputs: Tensor[]): Tensor;
  /** What the op means, in plain double-precision JavaScript. */
  readonly define: (...inputs: Elements[]) => Elements;
  /** The same for one element, where the op works element by element. */
  readonly scalar?: (...values: number[]) => number;
  /** What the op gives for one element at the ends of float32, where that is not what `scalar` gives; why, in a comment. */
  readonly extremes?: (...values: number[]) => number;
  /** @defaultValue the precision of the inputs */
  readonly dtype?: DType;
  /** Whether the op has a gradient. @defaultValue true */
  readonly differentiable?: boolean;
  /** Shapes that are empty in a way that the op takes; null: it takes none. @defaultValue every leading size that is the first input's, 0 */
  readonly empty?: readonly (readonly number[])[] | null;
  /** Largest error of the float32 result, in units of the last place. @defaultValue 4 */
  readonly ulps?: number;
  /** The same for gradients, in units of the last place of the largest. @defaultValue 32 */
  readonly gradientUlps?: number;
  /** @defaultValue "element" where the op works element by element, else "largest" */
  readonly scale?: Scale;
  /** What the memory layout of the inputs may change: the order of a sum, and so its last place; or which element gets which draw. */
  readonly seesLayout?: "rounding" | "draws";
  /** Whether the op rounds to float32 whatever it is given, so that finite differences are too coarse for it. @defaultValue false */
  readonly coarse?: boolean;
}

/** Any function of the op surface. */
export type AnyFunction = (...args: never) => unknown;

/** What {@link elementwise} takes: inputs, or their range alone. */
export interface ElementwiseOptions<F> extends Partial<Omit<Sample<F>, "define" | "scalar">> {
  readonly range?: readonly [min: number, max: number];
  readonly avoid?: readonly number[];
}

/** Shapes that broadcast to [2, 3]. */
const BROADCAST = [[2, 3], [3], [2, 1]] as const;

/** A sample of an op that works element by element, with broadcasting, from its meaning for one element. */
export function elementwise<F>(
  scalar: (...values: number[]) => number,
  { range, avoid, ...options }: ElementwiseOptions<F> = {},
): Sample<F> {
  const inputs = BROADCAST.slice(0, scalar.length).map((shape): InputSample => {
    return { shape, ...(range && { range }), ...(avoid && { avoid }) };
  });
  return { inputs, scale: "element", ...options, scalar, define: perElement(scalar) };
}

/** A sample of a predicate or comparison. */
export function truth<F>(scalar: (...values: number[]) => boolean, options: ElementwiseOptions<F> = {}): Sample<F> {
  const inputs = BROADCAST.slice(0, scalar.length).map((shape): InputSample => ({ shape, lattice: [0.5, 0] }));
  const define = (...values: number[]): number => (scalar(...values) ? 1 : 0);
  return elementwise(define, { inputs, dtype: "bool", differentiable: false, ...options });
}
