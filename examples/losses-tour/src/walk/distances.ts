import { nn, ones, type Tensor, tensor, zeros } from "tapegrad";
import { list, type Page } from "../page.ts";

const inputs: Tensor = ones(2, 2);
const target: Tensor = ones(2, 2).mul(3);

/** 1.5: how far off, whichever way. */
export function l1Loss(page: Page): void {
  page.section("1.5", "L1Loss");
  const loss = new nn.L1Loss({ reduction: "none" })(inputs, target);
  page.print(`input:${inputs}\ntarget:${target}\nL1 loss:${loss}`);
  page.agree(loss, Math.abs(1 - 3));
}

/** 1.6: the square of that. */
export function mseLoss(page: Page): void {
  page.section("1.6", "MSELoss");
  const loss = new nn.MSELoss({ reduction: "none" })(inputs, target);
  page.print(`MSE loss:${loss}`);
  page.agree(loss, (1 - 3) ** 2);
}

/** 1.7: the square near 0, a line further out. */
export function smoothL1Loss(page: Page): void {
  page.section("1.7", "SmoothL1Loss");
  const errors = tensor([-3, -1.5, -0.5, 0, 0.5, 1.5, 3]);
  const loss = new nn.SmoothL1Loss({ reduction: "none" })(errors, zeros(7));
  page.print("SmoothL1:", loss);
  page.agree(
    loss,
    list(errors).map((x) => (Math.abs(x) < 1 ? x ** 2 / 2 : Math.abs(x) - 0.5)),
  );
}
