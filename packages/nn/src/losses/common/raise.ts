import { defineOp, type Op, type Tensor } from "@tapegrad/autograd";
import { k } from "@tapegrad/tensor";

type Raise = (input: Tensor, least: number) => Tensor;

/**
 * max(input, least), with a gradient that passes as if nothing had been raised: what torch gets by clamping while it does not
 * record. It keeps a divisor away from 0 and still tells the elements below `least` where to go.
 */
export const raise: Op<Raise> = defineOp<[Tensor], { readonly least: number }, Raise>(
  () => ({
    name: "raise",
    infer: ([{ shape, dtype }]) => ({ shape, dtype }),
    forward: (out, [input], { least }) => k.clamp(out, input, least, null),
    backward: [({ grad }) => grad],
  }),
  (apply) => (input, least) => apply([input], { least }),
);
