import { grad, logSoftmax, type Tensor } from "@tapegrad/autograd";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { F } from "../../src/index.ts";
import { doubles, integers, reals, wholes } from "./arbitraries.ts";
import { expectClose, law } from "./compare.ts";

const { ctcLoss } = F;
const each = { reduction: "none" } as const;

/** One sample: log-probabilities [T, C] and labels. */
interface Utterance {
  readonly logProbs: Tensor;
  readonly labels: readonly number[];
  readonly blank: number;
}

/** Utterances of at most 6 steps and three labels, blank included; the labels may be too many for them. */
const utterances: fc.Arbitrary<Utterance> = fc
  .record({ steps: fc.integer({ min: 1, max: 6 }), classes: fc.integer({ min: 2, max: 3 }) })
  .chain(({ steps, classes }) =>
    fc.record({
      blank: fc.integer({ min: 0, max: classes - 1 }),
      steps: fc.constant(steps),
      classes: fc.constant(classes),
    }),
  )
  .chain(({ steps, classes, blank }) => {
    const spoken = Array.from({ length: classes }, (_, label) => label).filter((label) => label !== blank);
    return fc.record({
      logProbs: reals([steps, classes]).map((z) => logSoftmax(z, -1)),
      labels: fc.array(fc.constantFrom(...spoken), { maxLength: 4 }),
      blank: fc.constant(blank),
    });
  });

const lossOf = ({ logProbs, labels, blank }: Utterance, options: { readonly zeroInfinity?: boolean } = {}): Tensor =>
  ctcLoss(logProbs, integers(labels, [labels.length]), logProbs.shape[0]!, labels.length, {
    ...each,
    blank,
    ...options,
  });

/** What is heard of a path: repetitions as one, and no blanks. */
const heard = (path: readonly number[], blank: number): number[] =>
  path.filter((label, t) => label !== blank && label !== path[t - 1]);

/** Every sequence of a length. */
function* sequences(length: number, of: readonly number[]): Generator<number[]> {
  if (length === 0) yield [];
  else for (const rest of sequences(length - 1, of)) for (const first of of) yield [first, ...rest];
}

/** The probability of labels as the sum over all paths on which they are heard. */
function byBruteForce({ logProbs, labels, blank }: Utterance): number {
  const [steps, classes] = logProbs.shape as [number, number];
  const logs = logProbs.toArray();
  let sum = 0;
  for (const path of sequences(
    steps,
    Array.from({ length: classes }, (_, label) => label),
  )) {
    if (heard(path, blank).join() !== labels.join()) continue;
    sum += Math.exp(path.reduce((total, label, t) => total + logs[t * classes + label]!, 0));
  }
  return sum;
}

/** How many steps labels need at least: one each, and a blank between two equal ones. */
const needed = (labels: readonly number[]): number =>
  labels.length + labels.filter((label, i) => i > 0 && label === labels[i - 1]).length;

const possible = utterances.filter(({ logProbs, labels }) => needed(labels) <= logProbs.shape[0]!);

describe("CTC", () => {
  it(
    "is the sum over all alignments",
    law([utterances], (utterance) => {
      expectClose(lossOf(utterance), doubles([-Math.log(byBruteForce(utterance))], []), 1e-10);
    }),
  );

  it(
    "gives all that can be heard probabilities that sum to one",
    law([utterances.filter(({ logProbs }) => logProbs.shape[0]! <= 4)], ({ logProbs, blank }) => {
      const [steps, classes] = logProbs.shape as [number, number];
      const spoken = Array.from({ length: classes }, (_, label) => label).filter((label) => label !== blank);
      let sum = 0;
      for (let length = 0; length <= steps; length++) {
        for (const labels of sequences(length, spoken)) sum += Math.exp(-lossOf({ logProbs, labels, blank }).item());
      }
      expect(sum).toBeCloseTo(1, 10);
    }),
  );

  it(
    "does not care how labels are called",
    law([utterances, fc.shuffledSubarray([0, 1, 2], { minLength: 3, maxLength: 3 })], (utterance, order) => {
      const classes = utterance.logProbs.shape[1]!;
      const names = order.filter((label) => label < classes);
      const renamed = {
        logProbs: utterance.logProbs.indexSelect(1, names),
        labels: utterance.labels.map((label) => names.indexOf(label)),
        blank: names.indexOf(utterance.blank),
      };
      expectClose(lossOf(renamed), lossOf(utterance));
    }),
  );

  it(
    "is the same backwards",
    law([utterances], (utterance) => {
      const { logProbs, labels } = utterance;
      expectClose(lossOf({ ...utterance, logProbs: logProbs.flip(0), labels: labels.toReversed() }), lossOf(utterance));
    }),
  );

  it(
    "of no labels is the product of blanks",
    law([utterances], ({ logProbs, blank }) => {
      expectClose(lossOf({ logProbs, labels: [], blank }), logProbs.select(1, blank).sum().neg());
    }),
  );

  it(
    "is infinite for labels that need more steps than there are, or 0 with zeroInfinity, and so is the gradient",
    law([utterances], (utterance) => {
      const { logProbs, labels } = utterance;
      const fits = needed(labels) <= logProbs.shape[0]!;
      expect(Number.isFinite(lossOf(utterance).item())).toBe(fits);
      const leaf = logProbs.detach().requiresGrad_();
      const loss = lossOf({ ...utterance, logProbs: leaf }, { zeroInfinity: true });
      if (fits) expectClose(loss, lossOf(utterance), 0);
      else {
        expect(loss.item()).toBe(0);
        expectClose(grad([loss], [leaf])[0]!, logProbs.mul(0), 0);
      }
    }),
  );

  it(
    "has a gradient for the logits whose rows sum to zero",
    law([possible], (utterance) => {
      const logits = utterance.logProbs.detach().requiresGrad_();
      const rows = grad([lossOf({ ...utterance, logProbs: logSoftmax(logits, -1) })], [logits])[0]!.sum(-1);
      expectClose(rows, rows.mul(0), 1e-11);
    }),
  );

  const batches = fc.integer({ min: 1, max: 3 }).chain((batch) =>
    fc.record({
      logProbs: reals([5, batch, 3]).map((z) => logSoftmax(z, -1)),
      targets: wholes([batch, 3], 1, 2),
      inputLengths: wholes([batch], 1, 5),
      targetLengths: wholes([batch], 0, 3),
    }),
  );

  it(
    "does not see what is beyond the lengths",
    law([batches], ({ logProbs, targets, inputLengths, targetLengths }) => {
      const losses = ctcLoss(logProbs, targets, inputLengths, targetLengths, each);
      const alone = [...inputLengths.toArray()].map((steps, n) => {
        const labels = [...targets.select(0, n).toArray()].slice(0, targetLengths.toArray()[n]);
        return lossOf({ logProbs: logProbs.select(1, n).narrow(0, 0, steps), labels, blank: 0 }).item();
      });
      expectClose(losses, doubles(alone, [alone.length]));
    }),
  );

  it(
    "takes targets in rows or one after the other",
    law([batches], ({ logProbs, targets, inputLengths, targetLengths }) => {
      const lengths = targetLengths.toArray();
      const joined = [...lengths].flatMap((length, n) => [...targets.select(0, n).toArray()].slice(0, length));
      const flat = ctcLoss(logProbs, integers(joined, [joined.length]), inputLengths, targetLengths, each);
      expectClose(flat, ctcLoss(logProbs, targets, inputLengths, targetLengths, each), 0);
    }),
  );
});
