import { cat, log, manualSeed, nn, randint, randn, sigmoid } from "tapegrad";
import { numberOf, type Page, sizeOf } from "../page.ts";

/** Section 5: yes or no is a choice between two classes. */
export function binary(page: Page): void {
  page.section("5", "Binary cross entropy");
  manualSeed(0);
  const yes = sigmoid(randn(2));
  const labels = randint(2, [2]);
  const loss = new nn.BCELoss()(yes, labels.float());
  page.print(sizeOf(yes.shape));
  page.print(labels);
  page.print(`of probabilities of yes: ${numberOf(loss)}`);
  const column = yes.unsqueeze(-1);
  const both = cat([column.neg().add(1), column], -1);
  const ofBoth = new nn.NLLLoss()(log(both), labels);
  page.print(`of probabilities of no and yes: ${numberOf(ofBoth)}`);
  page.agree(loss, ofBoth);
}
