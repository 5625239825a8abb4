import { at, nn, tensor } from "tapegrad";
import { list, type Page } from "../page.ts";

const each = { reduction: "none" } as const;

/** 1.10: which of two scores is to be the larger. */
export function marginRankingLoss(page: Page): void {
  page.section("1.10", "MarginRankingLoss");
  const [x1, x2, target] = [tensor([1, 2, 3]), tensor([2, 2, 2]), tensor([1, 1, -1])];
  const loss = new nn.MarginRankingLoss({ margin: 0, ...each })(x1, x2, target);
  page.print("Margin Ranking Loss", loss);
  const [a, b, y] = [list(x1), list(x2), list(target)];
  page.agree(
    loss,
    a.map((score, i) => Math.max(0, -y[i]! * (score - b[i]!))),
  );
}

/** 1.11: every label is to exceed every class that is none. */
export function multiLabelMarginLoss(page: Page): void {
  page.section("1.11", "MultiLabelMarginLoss");
  const x = tensor([[0.1, 0.2, 0.4, 0.8]]);
  const loss = new nn.MultiLabelMarginLoss(each)(x, [[0, 3, -1, -1]]);
  page.print("MultiLabel Margin Loss", loss);
  const [x0, x1, x2, x3] = list(x.select(0, 0)) as [number, number, number, number];
  const ofClass0 = 1 - (x0 - x1) + (1 - (x0 - x2));
  const ofClass3 = 1 - (x3 - x1) + (1 - (x3 - x2));
  page.agree(loss, (ofClass0 + ofClass3) / 4);
}

/** 1.12: the logistic loss of labels −1 and 1. */
export function softMarginLoss(page: Page): void {
  page.section("1.12", "SoftMarginLoss");
  const inputs = tensor([
    [0.3, 0.7],
    [0.5, 0.5],
  ]);
  const target = tensor([
    [-1, 1],
    [1, -1],
  ]);
  const loss = new nn.SoftMarginLoss(each)(inputs, target);
  page.print("SoftMargin: ", loss);
  page.agree(at(loss, 0, 0), Math.log(1 + Math.exp(-at(target, 0, 0).item() * at(inputs, 0, 0).item())));
}

/** 1.13: yes or no for each class, averaged over them. */
export function multiLabelSoftMarginLoss(page: Page): void {
  page.section("1.13", "MultiLabelSoftMarginLoss");
  const inputs = tensor([[0.3, 0.7, 0.8]]);
  const loss = new nn.MultiLabelSoftMarginLoss(each)(inputs, tensor([[0, 1, 1]]));
  page.print("MultiLabel SoftMargin: ", loss);
  const [a, b, c] = list(inputs.select(0, 0)) as [number, number, number];
  const no = Math.log(Math.exp(-a) / (1 + Math.exp(-a)));
  const yes = Math.log(1 / (1 + Math.exp(-b))) + Math.log(1 / (1 + Math.exp(-c)));
  page.agree(loss, (no + yes) / -3);
}

/** 1.14: the right class is to exceed all others by a margin. */
export function multiMarginLoss(page: Page): void {
  page.section("1.14", "MultiMarginLoss");
  const x = tensor([
    [0.1, 0.2, 0.7],
    [0.2, 0.5, 0.3],
  ]);
  const loss = new nn.MultiMarginLoss(each)(x, [1, 2]);
  page.print("Multi Margin Loss: ", loss);
  const [x0, x1, x2] = list(x.select(0, 0)) as [number, number, number];
  page.agree(at(loss, 0), (1 - (x1 - x0) + (1 - (x1 - x2))) / 3);
}
