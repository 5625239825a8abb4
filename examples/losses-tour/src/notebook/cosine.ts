import { manualSeed, nn, randint, randn } from "tapegrad";
import { list, numberOf, type Page, rows, sum } from "../page.ts";

/** The cosine of the angle between two vectors. */
export function cosineOf(a: readonly number[], b: readonly number[]): number {
  const dot = (x: readonly number[], y: readonly number[]): number => sum(x.map((value, i) => value * y[i]!));
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

/** Section 6: vectors that are to point the same way, or apart. */
export function cosine(page: Page): void {
  page.section("6", "Cosine similarity");
  manualSeed(0);
  const v1 = randn(2, 512);
  const v2 = randn(2, 512);
  const labels = randint(2, [2]).mul(2).sub(1); // 0 and 1 become −1 and 1
  const loss = new nn.CosineEmbeddingLoss()(v1, v2, labels);
  page.print("labels:", labels);
  page.print(`loss: ${numberOf(loss)}`);
  const others = rows(v2);
  const cosines = rows(v1).map((vector, n) => cosineOf(vector, others[n]!));
  page.agree(loss, sum(list(labels).map((label, n) => (label === 1 ? 1 - cosines[n]! : Math.max(0, cosines[n]!)))) / 2);
}
