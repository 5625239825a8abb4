import { defineOp, mul, type Op, type Tensor } from "@tapegrad/autograd";

/** A function of single elements, given by formulas. */
export interface PointwiseSpec<A> {
  readonly name: string;
  /** The value at x, computed in double precision and rounded once. */
  readonly value: (x: number, attrs: A) => number;
  /** The derivative at x, in ops. */
  readonly slope: (x: Tensor, attrs: A) => Tensor;
}

/** A function of single elements. */
export type Pointwise<A> = Op<(input: Tensor, attrs: A) => Tensor>;

/**
 * Declares a function of single elements as one op.
 *
 * Composed from smaller ops its derivative would be a sum of theirs, in which infinities cancel to NaN where the slope itself is
 * finite.
 */
export function pointwise<A>({ name, value, slope }: PointwiseSpec<A>): Pointwise<A> {
  return defineOp<[Tensor], A, (input: Tensor, attrs: A) => Tensor>(
    () => ({
      name,
      infer: ([{ shape, dtype }]) => ({ shape, dtype }),
      forward: (out, [input], attrs) => {
        const { data } = out;
        const source = input.isContiguous ? input.data : input.toArray();
        const start = input.isContiguous ? input.offset : 0;
        for (let i = 0; i < data.length; i++) data[i] = value(source[start + i]!, attrs);
      },
      saves: [0],
      backward: [(ctx) => mul(ctx.grad, slope(ctx.input(0), ctx.attrs))],
    }),
    (apply) => (input, attrs) => apply([input], attrs),
  );
}
