import type { Tensor } from "@tapegrad/autograd";
import type * as fc from "fast-check";
import type { Range } from "./arbitraries.ts";
import type { Problem } from "./problem.ts";

/** What becomes of the losses of single elements. */
export type Reduction = "none" | "mean" | "sum";

/** A function that computes a loss. */
export type Compute = (problem: Problem, reduction: Reduction) => Tensor;

/** How the laws exercise a loss. */
export interface Entry {
  /** The class of the module. */
  readonly Class: unknown;
  readonly problems: fc.Arbitrary<Problem>;
  /** The loss by the function. */
  readonly byFunction: Compute;
  /** The loss by the module. */
  readonly byModule: Compute;
  /** The tensors with a dimension for the batch, and which it is. */
  readonly batch: Readonly<Record<string, number>>;
  /** The tensors through which a gradient flows. */
  readonly differentiable: readonly string[];
  /** What the mean divides the sum by. @defaultValue the number of losses */
  readonly divisor?: (problem: Problem, losses: Tensor) => Tensor | number;
  /** The mean, where it is more than the sum over something. */
  readonly meanOf?: (problem: Problem, losses: Tensor) => Tensor;
  /** How far from a corner, or from a jump in the slope, a problem is: tensors of distances. @defaultValue none: it has none */
  readonly corners?: (problem: Problem) => readonly Tensor[];
  /** A problem of one sample without a batch, from one with a batch of one; null where it has none. @defaultValue all dimensions of the batch left out */
  readonly unbatched?: (problem: Problem) => Problem | null;
  /** The tensors which, together, can be anything within a range of float32, and loss and gradients are still numbers. */
  readonly extremes: Readonly<Record<string, Range>>;
  /** The magnitude by which errors of rounding are measured. @defaultValue the largest of the tensors, the losses and 1 */
  readonly scale?: (problem: Problem) => number;
}

/** Entries by the names of their functions; what follows a space tells them apart. */
export type Entries<K extends string> = Readonly<Record<K, Entry>>;

/** Any function. */
type Computing = (...args: never[]) => Tensor;

/** Any class of losses. */
type LossClass = new (options: never) => { forward(...args: never[]): Tensor };

/** All of float32. */
export const anything: Range = { min: -(2 - 2 ** -23) * 2 ** 127, max: (2 - 2 ** -23) * 2 ** 127 };

/** What {@link entry} is told besides the function and the class. */
export interface Details extends Omit<Entry, "Class" | "byFunction" | "byModule"> {
  /** The names of the arguments; all other tensors are options. */
  readonly args: readonly string[];
  /** What an argument goes through before it is one. */
  readonly prepare?: Readonly<Record<string, (tensor: Tensor) => Tensor>>;
}

/** An entry for a function and its class, from details. */
export function entry(compute: Computing, Class: LossClass, { args, prepare = {}, ...rest }: Details): Entry {
  const positional = ({ tensors }: Problem): never[] =>
    args.map((name) => (prepare[name]?.(tensors[name]!) ?? tensors[name]) as never);
  const named = ({ tensors, options }: Problem, reduction: Reduction): never => {
    const others = Object.entries(tensors).filter(([name]) => !args.includes(name));
    return { ...options, ...Object.fromEntries(others), reduction } as never;
  };
  return {
    ...rest,
    Class,
    byFunction: (problem, reduction) => compute(...positional(problem), named(problem, reduction)),
    byModule: (problem, reduction) => new Class(named(problem, reduction)).forward(...positional(problem)),
  };
}
