export * from "./clipGrad.ts";
export * from "./vector.ts";
