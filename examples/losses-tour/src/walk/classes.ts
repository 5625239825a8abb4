import { logSoftmax, nn, type Tensor, tensor } from "tapegrad";
import { list, type Page, rows, sum } from "../page.ts";

const inputs: Tensor = tensor([
  [1, 2],
  [1, 3],
  [1, 3],
]);
const target: Tensor = tensor([0, 1, 1], { dtype: "int32" });
const reductions = ["none", "sum", "mean"] as const;

/** 1.1: logits against class numbers; with weights the mean is over these. */
export function crossEntropyLoss(page: Page): void {
  page.section("1.1", "CrossEntropyLoss");
  const losses = reductions.map((reduction) => new nn.CrossEntropyLoss({ weight: null, reduction })(inputs, target));
  page.print("Cross Entropy Loss:\n ", ...losses);
  const classes = list(target);
  const hand = rows(inputs).map((row, n) => Math.log(sum(row.map(Math.exp))) - row[classes[n]!]!);
  page.agree(losses[0]!, hand);
  page.agree(losses[1]!, sum(hand));
  page.agree(losses[2]!, sum(hand) / 3);
  const ofFirst = -1 + Math.log(Math.exp(1) + Math.exp(2));
  page.print(`first sample by hand: ${ofFirst.toFixed(7)}, or ${ofFirst}`);
  page.print("reduce=False: ", new nn.CrossEntropyLoss({ reduce: false })(inputs, target));

  const weight = tensor([1, 2]);
  const weighted = reductions.map((reduction) => new nn.CrossEntropyLoss({ weight, reduction })(inputs, target));
  page.print("weights: ", weight);
  page.print(...weighted);
  page.agree(weighted[2]!, (hand[0]! * 1 + hand[1]! * 2 + hand[2]! * 2) / (1 + 2 + 2));
}

/** 1.2: minus the entry of the class: of anything, but it is a likelihood only of log-probabilities. */
export function nllLoss(page: Page): void {
  page.section("1.2", "NLLLoss");
  page.print(new nn.NLLLoss()(tensor([[-1.233, 2.678, 0.534]]), [2]));
  const weight = tensor([1, 1]);
  const classes = list(target);
  for (const of of [inputs, logSoftmax(inputs, 1)]) {
    const losses = reductions.map((reduction) => new nn.NLLLoss({ weight, reduction })(of, target));
    page.print("NLL Loss", ...losses);
    page.agree(
      losses[0]!,
      rows(of).map((row, n) => -row[classes[n]!]!),
    );
  }
}
