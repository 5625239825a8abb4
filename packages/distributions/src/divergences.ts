import { ofBernoullis } from "./bernoulli.ts";
import { ofCategoricals } from "./categorical.ts";
import type { Divergence } from "./divergence.ts";

/** Every divergence that is known from the start. */
export const divergences: readonly Divergence[] = [ofBernoullis, ofCategoricals];
