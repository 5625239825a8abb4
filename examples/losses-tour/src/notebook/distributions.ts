import { allclose, distributions, log, manualSeed, nn, randint, randn, softmax, type Tensor } from "tapegrad";
import { list, numberOf, type Page, rows, sum } from "../page.ts";

/** Two samples, four classes: logits, the classes that were the case, and distributions to aim at. */
interface Draw {
  readonly logits: Tensor;
  readonly classes: Tensor;
  readonly target: Tensor;
}

/** The same draws in each of these sections. */
function draw(): Draw {
  manualSeed(0);
  const logits = randn(2, 4);
  const classes = randint(4, [2]);
  return { logits, classes, target: softmax(randn(2, 4), -1) };
}

/** The logarithm of the softmax of each row, in plain numbers. */
const logSoftmax = (logits: Tensor): number[][] =>
  rows(logits).map((row) => row.map((x) => x - Math.log(sum(row.map(Math.exp)))));

/** Section 1: a target may name the class of each sample, or give all of them their probabilities. */
export function crossEntropy(page: Page): void {
  page.section("1", "Cross entropy with class numbers, and with distributions");
  const { logits, classes, target } = draw();
  const loss = new nn.CrossEntropyLoss();
  const byClass = loss(logits, classes);
  const byDistribution = loss(logits, target);
  page.print("logits:", logits);
  page.print("classes:", classes);
  page.print(`against classes: ${numberOf(byClass)}`);
  page.print(`against distributions: ${numberOf(byDistribution)}`);
  const logs = logSoftmax(logits);
  page.agree(byClass, -sum(list(classes).map((c, n) => logs[n]![c]!)) / 2);
  page.agree(byDistribution, -sum(rows(target).map((p, n) => sum(p.map((x, c) => x * logs[n]![c]!)))) / 2);
}

/** Section 2: the same loss from log-probabilities; the small number keeps the logarithm away from 0. */
export function negativeLogLikelihood(page: Page): void {
  page.section("2", "Negative log-likelihood");
  const { logits, classes } = draw();
  const loss = new nn.NLLLoss()(log(softmax(logits, -1).add(1e-7)), classes);
  page.print(`of log-probabilities: ${numberOf(loss)}`);
  page.agree(loss, new nn.CrossEntropyLoss()(logits, classes));
}

/** Section 3: how far a prediction is from a distribution. */
export function divergence(page: Page): void {
  page.section("3", "Kullback-Leibler divergence");
  const { logits, target } = draw();
  const loss = new nn.KLDivLoss()(log(softmax(logits, -1)), target);
  page.print(`divergence, over all elements: ${numberOf(loss)}`);
  const logs = logSoftmax(logits);
  page.agree(loss, sum(rows(target).flatMap((p, n) => p.map((x, c) => x * (Math.log(x) - logs[n]![c]!)))) / 8);
}

/** Section 4: of cross entropy only the divergence depends on the prediction. */
export function identity(page: Page): void {
  page.section("4", "Cross entropy is entropy plus divergence");
  const { logits, target } = draw();
  const each = { reduction: "none" } as const;
  const crossEntropies = new nn.CrossEntropyLoss(each)(logits, target);
  const divergences = new nn.KLDivLoss(each)(log(softmax(logits, -1)), target).sum(-1);
  const entropies = new distributions.Categorical({ probs: target }).entropy();
  page.print(`cross entropy of each sample: ${crossEntropies}`);
  page.print(`divergence of each sample: ${divergences}`);
  page.print(`entropy of each target: ${entropies}`);
  page.print(allclose(crossEntropies, divergences.add(entropies)) ? "True" : "False");
  page.agree(crossEntropies, divergences.add(entropies));
}
