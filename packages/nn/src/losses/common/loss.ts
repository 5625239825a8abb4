import { Tensor } from "@tapegrad/autograd";
import { Module } from "../../module.ts";
import { type Defaults, withDefaults } from "../../options.ts";
import { checkReduction, fromLegacy, type LegacyOptions, type LossOptions, type Reduction } from "./reduction.ts";

/** What sets a loss apart from most. */
export interface LossTraits {
  /** The reductions that it knows. @defaultValue "none", "mean" and "sum" */
  readonly reductions?: readonly string[];
  /** Whether it takes the deprecated options too, as torch's does. @defaultValue true */
  readonly legacy?: boolean;
}

/**
 * A loss as a module: a thin class around a function, with which it shares its options.
 *
 * Options that are tensors, such as weights, are buffers: part of the state, converted with the module.
 *
 * @typeParam O    the options of the function
 * @typeParam Args what the function takes before its options
 */
export abstract class Loss<
  O extends LossOptions<string> = LossOptions<string>,
  Args extends readonly unknown[] = [input: Tensor, target: Tensor],
> extends Module<Args, Tensor> {
  static override readonly name: string = "Loss";
  readonly #options: O;
  /** The options that are tensors here. */
  readonly #buffers: readonly string[];

  /**
   * @param defaults every option with its default
   * @param buffers  the options that are tensors
   * @param traits   what sets this loss apart
   */
  constructor(
    options: O & LegacyOptions,
    defaults: Defaults<O>,
    buffers: readonly (keyof O & string)[] = [],
    { reductions, legacy = true }: LossTraits = {},
  ) {
    super();
    const where = new.target.name;
    const deprecated = legacy ? { sizeAverage: null, reduce: null } : {};
    const known = { ...defaults, ...deprecated } as Defaults<O & LegacyOptions>;
    const { sizeAverage, reduce, ...given } = withDefaults<O & LegacyOptions, typeof known>(where, options, known);
    const reduction = fromLegacy({ sizeAverage, reduce } as LegacyOptions, given.reduction as Reduction);
    checkReduction(where, reduction, reductions);
    this.#options = { ...given, reduction } as unknown as O;
    this.#buffers = buffers.filter((name) => this.#options[name] instanceof Tensor);
    for (const name of buffers) this.registerBuffer(name, (this.#options[name] as Tensor | null | undefined) ?? null);
  }

  /** What becomes of the losses of the single elements. */
  get reduction(): NonNullable<O["reduction"]> {
    return this.#options.reduction as NonNullable<O["reduction"]>; // the constructor has set it
  }

  /** The options, as the function takes them. */
  protected get options(): O {
    if (this.#buffers.length === 0) return this.#options;
    const buffers = this.#buffers.map((name) => [name, Reflect.get(this, name) as Tensor]);
    return { ...this.#options, ...Object.fromEntries(buffers) };
  }
}
