export * from "./activations.ts";
export * from "./adaptivePool.ts";
export { AlphaDropout } from "./alphaDropout.ts";
export * from "./avgPool.ts";
export * from "./batchNorm.ts";
export * from "./conv.ts";
export type { ConvNdOptions, PaddingMode } from "./convNd.ts";
export * from "./convTranspose.ts";
export {
  CosineSimilarity,
  type CosineSimilarityOptions,
  PairwiseDistance,
  type PairwiseDistanceOptions,
} from "./distance.ts";
export * from "./dropout.ts";
export type { InplaceOptions } from "./elementwise.ts";
export * from "./embedding.ts";
export * from "./flatten.ts";
export * from "./linear.ts";
export * from "./maxPool.ts";
export * from "./moduleDict.ts";
export * from "./moduleList.ts";
export * from "./norm.ts";
export * from "./parameterList.ts";
export * from "./rectifiers.ts";
export * from "./sequential.ts";
export type { Size1, Size2 } from "./sizes.ts";
export * from "./softmax.ts";
