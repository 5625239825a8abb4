import { type nn, noGrad, type Tensor } from "tapegrad";
import { CLASSES, type Digits } from "./data.ts";

/** What a model makes of digits that it has not learned from. */
export interface Evaluation {
  readonly loss: number;
  /** The share that was read correctly. */
  readonly accuracy: number;
  /** The digits that were meant. */
  readonly labels: readonly number[];
  /** The digits that were read. */
  readonly readings: readonly number[];
  /** For each image the probability of each digit. */
  readonly probabilities: readonly (readonly number[])[];
}

/** Shows all digits to a model, without training it. */
export function evaluate(model: nn.Module, criterion: nn.CrossEntropyLoss, { images, labels }: Digits): Evaluation {
  const training = model.training;
  model.eval();
  const evaluation = noGrad(() => {
    const scores = model(images);
    const readings = scores.argmax(1);
    return {
      loss: criterion(scores, labels).item(),
      accuracy: countEqual(readings, labels) / labels.numel(),
      labels: [...labels.toArray()],
      readings: [...readings.toArray()],
      probabilities: scores.softmax(1).tolist() as number[][],
    };
  });
  model.train(training);
  return evaluation;
}

/** How many elements of two tensors are the same. */
export function countEqual(a: Tensor, b: Tensor): number {
  return a.eq(b).sum().item();
}

/** How often digit i was read as digit j: row i, column j. */
export function confusionMatrix({ labels, readings }: Pick<Evaluation, "labels" | "readings">): number[][] {
  const matrix = Array.from({ length: CLASSES }, () => new Array<number>(CLASSES).fill(0));
  labels.forEach((label, i) => {
    matrix[label]![readings[i]!]! += 1;
  });
  return matrix;
}
