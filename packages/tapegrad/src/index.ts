export * from "@tapegrad/autograd";
export * as data from "@tapegrad/data";
export * as distributions from "@tapegrad/distributions";
export * as nn from "@tapegrad/nn";
export * as optim from "@tapegrad/optim";
export {
  Generator,
  getNumThreads,
  getPrintOptions,
  manualSeed,
  setNumThreads,
  setPrintOptions,
  TensorError,
} from "@tapegrad/tensor";
