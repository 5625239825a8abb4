import { binary } from "./notebook/binary.ts";
import { cosine } from "./notebook/cosine.ts";
import { crossEntropy, divergence, identity, negativeLogLikelihood } from "./notebook/distributions.ts";
import type { Page } from "./page.ts";
import { bceLoss, bceWithLogitsLoss } from "./walk/binary.ts";
import { crossEntropyLoss, nllLoss } from "./walk/classes.ts";
import { ctcLoss } from "./walk/ctc.ts";
import { l1Loss, mseLoss, smoothL1Loss } from "./walk/distances.ts";
import { cosineEmbeddingLoss, hingeEmbeddingLoss, tripletMarginLoss } from "./walk/embeddings.ts";
import { klDivLoss, poissonNllLoss } from "./walk/likelihoods.ts";
import {
  marginRankingLoss,
  multiLabelMarginLoss,
  multiLabelSoftMarginLoss,
  multiMarginLoss,
  softMarginLoss,
} from "./walk/margins.ts";

/** The sections of the notebook, 1 to 6, and those of the walk, 1.1 to 1.18. */
export const tour: readonly ((page: Page) => void)[] = [
  crossEntropy,
  negativeLogLikelihood,
  divergence,
  identity,
  binary,
  cosine,
  crossEntropyLoss,
  nllLoss,
  bceLoss,
  bceWithLogitsLoss,
  l1Loss,
  mseLoss,
  smoothL1Loss,
  poissonNllLoss,
  klDivLoss,
  marginRankingLoss,
  multiLabelMarginLoss,
  softMarginLoss,
  multiLabelSoftMarginLoss,
  multiMarginLoss,
  tripletMarginLoss,
  hingeEmbeddingLoss,
  cosineEmbeddingLoss,
  ctcLoss,
];
