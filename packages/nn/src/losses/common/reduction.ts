import { mean, sum, type Tensor } from "@tapegrad/autograd";
import { checkChoice } from "../../options.ts";

/** What becomes of the losses of the single elements: each kept, their mean, or their sum. */
export type Reduction = "none" | "mean" | "sum";

/** The reductions that every loss knows. */
const reductions: readonly string[] = ["none", "mean", "sum"] satisfies Reduction[];

/**
 * What every loss takes.
 *
 * @typeParam R the reductions that it knows
 */
export interface LossOptions<R extends string = Reduction> {
  /** What becomes of the losses of the single elements. @defaultValue "mean" */
  readonly reduction?: R;
  /** Make an error of inputs that are allowed but likely a mistake: shapes that broadcast, probabilities for logits. @defaultValue null: as `losses.strict` says */
  readonly strict?: boolean | null;
}

/** What the classes take besides, from before there was `reduction`. Given either, `reduction` does not count. */
export interface LegacyOptions {
  /** @deprecated Use `reduction`: true is "mean", false is "sum". */
  readonly sizeAverage?: boolean | null;
  /** @deprecated Use `reduction`: false is "none". */
  readonly reduce?: boolean | null;
}

/** The losses of the single elements, reduced. */
export function reduce(loss: Tensor, reduction: Reduction): Tensor {
  if (reduction === "none") return loss;
  return reduction === "mean" ? mean(loss) : sum(loss);
}

/** Checks that a reduction is one of those that a loss knows. */
export function checkReduction(where: string, reduction: string, known: readonly string[] = reductions): void {
  checkChoice(where, "reduction", reduction, known);
}

/** The reduction that the deprecated options stand for; `reduction` where neither is given. */
export function fromLegacy({ sizeAverage, reduce }: LegacyOptions, reduction: Reduction): Reduction {
  if ((sizeAverage ?? null) === null && (reduce ?? null) === null) return reduction;
  if (!(reduce ?? true)) return "none";
  return (sizeAverage ?? true) ? "mean" : "sum";
}
