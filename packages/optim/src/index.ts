export * from "./adam.ts";
export * from "./optimizer.ts";
export * from "./schedulers.ts";
export * from "./sgd.ts";
export type { OptimizerStateDict } from "./stateDict.ts";
