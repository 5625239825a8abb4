import { defineOp, mul, type Op, type Tensor } from "@tapegrad/autograd";
import { k } from "@tapegrad/tensor";

type Expected = (logProbabilities: Tensor, probabilities: Tensor, logits: Tensor) => Tensor;

/**
 * p·ln q, element by element, which is 0 for p = 0 even where ln q, of finite logits, is too small for the dtype.
 *
 * The product alone would be 0·(−∞) = NaN there. Where a logit itself is infinite it is NaN, as in torch.
 *
 * @param logProbabilities the log-softmax of `logits`
 * @param probabilities    p, of the same shape
 */
export const expected: Op<Expected> = defineOp<[Tensor, Tensor, Tensor], undefined, Expected>(
  () => ({
    name: "expected",
    infer: ([{ shape, dtype }]) => ({ shape, dtype }),
    forward: (out, [logQ, p, logits]) => {
      k.mul(out, logQ, p);
      const { data } = out;
      if (!data.some(Number.isNaN)) return;
      const [logs, weights, inputs] = [logQ.toArray(), p.toArray(), logits.toArray()];
      for (let i = 0; i < data.length; i++) {
        if (logs[i] === Number.NEGATIVE_INFINITY && weights[i] === 0 && Number.isFinite(inputs[i])) data[i] = 0;
      }
    },
    saves: [0, 1],
    backward: [(ctx) => mul(ctx.grad, ctx.input(1)), (ctx) => mul(ctx.grad, ctx.input(0)), null],
  }),
  (apply) => (logProbabilities, probabilities, logits) =>
    apply([logProbabilities, probabilities, logits.detach()], undefined),
);
