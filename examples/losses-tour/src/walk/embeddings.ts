import { at, nn, tensor } from "tapegrad";
import { cosineOf } from "../notebook/cosine.ts";
import { list, type Page } from "../page.ts";

const each = { reduction: "none" } as const;

/** 1.15: nearer to the one than to the other, by a margin. */
export function tripletMarginLoss(page: Page): void {
  page.section("1.15", "TripletMarginLoss");
  const [anchor, positive, negative] = [1, 2, 0.5] as const;
  const loss = new nn.TripletMarginLoss({ margin: 1, p: 1 })(
    tensor([[anchor]]),
    tensor([[positive]]),
    tensor([[negative]]),
  );
  page.print("Triplet Margin Loss", loss);
  page.agree(loss, Math.max(0, Math.abs(anchor - positive) - Math.abs(anchor - negative) + 1));
}

/** 1.16: distances of what belongs together, and of what does not. */
export function hingeEmbeddingLoss(page: Page): void {
  page.section("1.16", "HingeEmbeddingLoss");
  const inputs = tensor([[1, 0.8, 0.5]]);
  const target = tensor([[1, 1, -1]], { dtype: "int32" });
  const loss = new nn.HingeEmbeddingLoss({ margin: 1, ...each })(inputs, target);
  page.print("Hinge Embedding Loss", loss);
  page.agree(at(loss, 0, 2), Math.max(0, 1 - at(inputs, 0, 2).item()));
}

/** 1.17: the walk has its labels in a row of their own, which torch no longer takes. */
export function cosineEmbeddingLoss(page: Page): void {
  page.section("1.17", "CosineEmbeddingLoss");
  const x1 = tensor([
    [0.3, 0.5, 0.7],
    [0.3, 0.5, 0.7],
  ]);
  const x2 = tensor([
    [0.1, 0.3, 0.5],
    [0.1, 0.3, 0.5],
  ]);
  const target = at(tensor([[1, -1]]), 0);
  const loss = new nn.CosineEmbeddingLoss({ margin: 0, ...each })(x1, x2, target);
  page.print("Cosine Embedding Loss", loss);
  const cosine = cosineOf(list(at(x1, 0)), list(at(x2, 0)));
  page.agree(loss, [1 - cosine, Math.max(0, cosine)]);
}
