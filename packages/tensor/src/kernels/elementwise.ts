/** Kernels that treat every element alike. */
export * from "./elementwise/activation.ts";
export * from "./elementwise/activationBackward.ts";
export * from "./elementwise/arithmetic.ts";
export * from "./elementwise/comparison.ts";
export * from "./elementwise/functions.ts";
export * from "./elementwise/integers.ts";
export * from "./elementwise/select.ts";
