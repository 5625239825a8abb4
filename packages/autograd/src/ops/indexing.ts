export { at, type Index, type MaskList, type Slice, slice } from "./at.ts";
export * from "./embedding.ts";
export * from "./gather.ts";
export * from "./indexPut.ts";
export * from "./indexSelect.ts";
export { type IndexList, type Indices, indexTensor } from "./indexTensor.ts";
export { maskedScatter, maskedSelect, nonzero } from "./masked.ts";
export { type ScatterOptions, scatter, scatterAdd } from "./scatter.ts";
