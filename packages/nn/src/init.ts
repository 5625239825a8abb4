/** How parameters start (torch.nn.init). The numbers and their order are torch's. */
export * from "./init/orthogonal.ts";
export {
  calculateGain,
  type GainOptions,
  type KaimingOptions,
  kaimingNormal_,
  kaimingUniform_,
  type Nonlinearity,
  xavierNormal_,
  xavierUniform_,
} from "./init/scaled.ts";
export * from "./init/simple.ts";
export * from "./init/truncNormal.ts";
