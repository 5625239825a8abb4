/** Probability distributions (torch.distributions). */
export { Bernoulli, type BernoulliOptions } from "./bernoulli.ts";
export { Categorical, type CategoricalOptions } from "./categorical.ts";
export type { Constraint } from "./constraints.ts";
export * as constraints from "./constraints.ts";
export { Distribution, type DistributionOptions, type EnumerateOptions, type Setup } from "./distribution.ts";
export type { DistributionClass } from "./divergence.ts";
export { klDivergence, registerKl } from "./klDivergence.ts";
