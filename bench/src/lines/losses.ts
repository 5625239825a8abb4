import { full, nn, randint, randn, type Tensor } from "tapegrad";
import type { Line } from "./line.ts";

const F = nn.functional;

/** Cross entropy of logits with class numbers, forward and backward. */
export function crossEntropy(rows: number, classes: number): Line {
  return {
    name: `cross entropy ${rows}x${classes}`,
    setup: () => {
      const logits = randn([rows, classes], { requiresGrad: true });
      const target = randint(classes, [rows]);
      const run = (): Tensor => {
        logits.grad = null;
        const loss = F.crossEntropy(logits, target);
        loss.backward();
        return loss;
      };
      return { run, inputs: { logits, target }, results: () => ({ loss: run(), gradient: logits.grad! }) };
    },
  };
}

/** Log-softmax and CTC loss of `steps` steps, `classes` labels with the blank, and `batch` sequences of 10 to 30 labels. */
export function ctc(steps: number, classes: number, batch: number): Line {
  return {
    name: `CTC T${steps} C${classes} N${batch}`,
    setup: () => {
      const logits = randn([steps, batch, classes], { requiresGrad: true });
      const targetLengths = randint(10, 31, [batch]);
      const targets = randint(1, classes, [batch, 30]);
      const inputLengths = full([batch], steps, { dtype: "int32" });
      const run = (): Tensor => {
        logits.grad = null;
        const loss = F.ctcLoss(logits.logSoftmax(2), targets, inputLengths, targetLengths);
        loss.backward();
        return loss;
      };
      return {
        run,
        inputs: { logits, targets, inputLengths, targetLengths },
        results: () => ({ loss: run(), gradient: logits.grad! }),
      };
    },
  };
}
