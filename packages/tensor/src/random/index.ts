export { fillBernoulli } from "./bernoulli.ts";
export { fillBinomial } from "./binomial.ts";
export { fillCauchy, fillExponential, fillGeometric } from "./continuous.ts";
export { fillDirichlet, fillGamma } from "./gamma.ts";
export {
  type BernoulliStream,
  defaultGenerator,
  Generator,
  type GeneratorOptions,
  manualSeed,
  type Seed,
} from "./generator.ts";
export { fillRandint, fillRandom, fillRandperm, randomInt64 } from "./integers.ts";
export { fillMultinomial } from "./multinomial.ts";
export { fillLogNormal, fillNormal } from "./normal.ts";
export { fillPoisson } from "./poisson.ts";
export { fillUniform } from "./uniform.ts";
