import { nn, sigmoid, type Tensor, tensor } from "tapegrad";
import { type Page, rows } from "../page.ts";

const inputs: Tensor = tensor([
  [1, 2],
  [2, 2],
  [3, 4],
  [4, 5],
]);
const target: Tensor = tensor([
  [1, 0],
  [1, 0],
  [0, 1],
  [0, 1],
]);
const weight: Tensor = tensor([1, 1]);
const reductions = ["none", "sum", "mean"] as const;

/** The loss of each probability, in plain numbers. */
function byHand(): number[][] {
  const labels = rows(target);
  return rows(sigmoid(inputs)).map((row, n) => row.map((p, i) => -Math.log(labels[n]![i] === 1 ? p : 1 - p)));
}

/** 1.3: probabilities, each for itself. */
export function bceLoss(page: Page): void {
  page.section("1.3", "BCELoss");
  const losses = reductions.map((reduction) => new nn.BCELoss({ weight, reduction })(sigmoid(inputs), target));
  page.print("BCE Loss", ...losses);
  page.agree(losses[0]!, byHand());
}

/** 1.4: the same from logits, which never overflow; and yes may weigh more than no. */
export function bceWithLogitsLoss(page: Page): void {
  page.section("1.4", "BCEWithLogitsLoss");
  const losses = reductions.map((reduction) => new nn.BCEWithLogitsLoss({ weight, reduction })(inputs, target));
  page.print("BCE with logits Loss", ...losses);
  page.agree(losses[0]!, byHand());
  const posWeight = tensor([3]);
  const heavier = new nn.BCEWithLogitsLoss({ reduction: "none", posWeight })(inputs, target);
  page.print("pos_weight: ", posWeight);
  page.print(heavier);
  const labels = rows(target);
  page.agree(
    heavier,
    byHand().map((row, n) => row.map((loss, i) => loss * (1 + 2 * labels[n]![i]!))),
  );
}
