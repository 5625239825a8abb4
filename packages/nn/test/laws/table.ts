import type { Tensor } from "@tapegrad/autograd";
import type * as losses from "../../src/losses/index.ts";
import { classification } from "./entries/classification.ts";
import { embeddings } from "./entries/embeddings.ts";
import { labels } from "./entries/labels.ts";
import { regression } from "./entries/regression.ts";
import { sequences } from "./entries/sequences.ts";
import type { Entry } from "./entry.ts";

/** The names of the functions among the losses. */
type LossName = keyof {
  [K in keyof typeof losses as (typeof losses)[K] extends (...args: never) => Tensor ? K : never]: K;
};

/** Every loss with what the laws need to know of it: a new function without an entry does not compile. */
export const table: Readonly<Record<LossName, Entry>> & Readonly<Record<string, Entry>> = {
  ...classification,
  ...embeddings,
  ...labels,
  ...regression,
  ...sequences,
};
