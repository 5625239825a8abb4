import { abs, all, type Operand, remainder, Tensor } from "@tapegrad/autograd";
import { formatFloat } from "@tapegrad/tensor";

/** What {@link Constraint} is made of. */
interface ConstraintSpec {
  /** As torch prints it. */
  readonly text: string;
  readonly check: (value: Tensor) => Tensor;
  readonly isDiscrete?: boolean;
  readonly eventDim?: number;
}

/**
 * A set of values: what a parameter may be, or the support of a distribution (torch.distributions.constraints.Constraint).
 *
 * String(...) is what torch prints, such as `Interval(lower_bound=0.0, upper_bound=1.0)`.
 */
export class Constraint {
  static readonly name: string = "Constraint";
  /** Whether the set is countable. */
  readonly isDiscrete: boolean;
  /** How many dimensions, counted from the last, make up one value. */
  readonly eventDim: number;
  readonly #spec: ConstraintSpec;

  constructor(spec: ConstraintSpec) {
    this.#spec = spec;
    this.isDiscrete = spec.isDiscrete ?? false;
    this.eventDim = spec.eventDim ?? 0;
  }

  /**
   * Which values belong to the set.
   *
   * @returns bool, the shape of `value` without its last `eventDim` dimensions
   */
  check(value: Tensor): Tensor {
    return this.#spec.check(value);
  }

  toString(): string {
    return this.#spec.text;
  }
}

/** Every number but NaN. */
export const real: Constraint = new Constraint({ text: "Real()", check: (value) => value.eq(value) });

/** Vectors of numbers, none of them NaN. */
export const realVector: Constraint = new Constraint({
  text: "IndependentConstraint(Real(), 1)",
  check: (value) => all(value.eq(value), -1),
  eventDim: 1,
});

/** 0 and 1. */
export const boolean: Constraint = new Constraint({
  text: "Boolean()",
  check: (value) => value.eq(0).logicalOr(value.eq(1)),
  isDiscrete: true,
});

/** Vectors of numbers that are not negative and sum to 1, to within 1e-6. */
export const simplex: Constraint = new Constraint({
  text: "Simplex()",
  check: (value) => all(value.ge(0), -1).logicalAnd(abs(value.sum(-1).sub(1)).lt(1e-6)),
  eventDim: 1,
});

/** Numbers from `lowerBound` to `upperBound`, both included. */
export function interval(lowerBound: Operand, upperBound: Operand): Constraint {
  return new Constraint({
    text: `Interval(lower_bound=${bound(lowerBound)}, upper_bound=${bound(upperBound)})`,
    check: (value) => value.ge(lowerBound).logicalAnd(value.le(upperBound)),
  });
}

/** Numbers from 0 to 1, both included. */
export const unitInterval: Constraint = interval(0, 1);

/** Whole numbers from `lowerBound` to `upperBound`, both included. */
export function integerInterval(lowerBound: number, upperBound: number): Constraint {
  return new Constraint({
    text: `IntegerInterval(lower_bound=${lowerBound}, upper_bound=${upperBound})`,
    check: (value) => remainder(value, 1).eq(0).logicalAnd(value.ge(lowerBound)).logicalAnd(value.le(upperBound)),
    isDiscrete: true,
  });
}

function bound(value: Operand): string {
  return value instanceof Tensor ? String(value) : formatFloat(Number(value));
}
