import { at, exp, log, manualSeed, nn, randn, tensor } from "tapegrad";
import { numberOf, type Page } from "../page.ts";

/** 1.8: counts of which the logarithm of the rate is predicted. With seed 1 the draws are those that the walk once printed. */
export function poissonNllLoss(page: Page): void {
  page.section("1.8", "PoissonNLLLoss");
  manualSeed(1);
  const inputs = randn(2, 2);
  const target = randn(2, 2);
  const loss = new nn.PoissonNLLLoss({ logInput: true, full: false, reduction: "none" })(inputs, target);
  page.print(`input:${inputs}\ntarget:${target}\nPoisson NLL loss:${loss}`);
  const first = exp(at(inputs, 0, 0)).sub(at(target, 0, 0).mul(at(inputs, 0, 0)));
  page.print("first element:", first);
  page.agree(at(loss, 0, 0), first);
}

/** 1.9: first the mistake of giving probabilities where their logarithms belong, then the divergence itself. */
export function klDivLoss(page: Page): void {
  page.section("1.9", "KLDivLoss");
  const inputs = tensor([
    [0.5, 0.3, 0.2],
    [0.2, 0.3, 0.5],
  ]);
  const target = tensor([
    [0.9, 0.05, 0.05],
    [0.1, 0.7, 0.2],
  ]);
  for (const of of [inputs, log(inputs)]) {
    const each = new nn.KLDivLoss({ reduction: "none" })(of, target);
    const mean = new nn.KLDivLoss({ reduction: "mean" })(of, target);
    const batchMean = new nn.KLDivLoss({ reduction: "batchmean" })(of, target);
    page.print(`loss_none:\n${each}\nloss_mean:\n${numberOf(mean)}\nloss_bs_mean:\n${numberOf(batchMean)}`);
    const first = at(target, 0, 0).mul(log(at(target, 0, 0)).sub(at(of, 0, 0)));
    page.print("first element:", first);
    page.agree(at(each, 0, 0), first);
    page.agree(batchMean, each.sum().div(2));
  }
}
