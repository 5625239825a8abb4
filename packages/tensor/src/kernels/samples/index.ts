import { attentionSamples } from "./attention.ts";
import { elementwiseSamples } from "./elementwise.ts";
import { indexSamples } from "./indices.ts";
import { lossSamples } from "./losses.ts";
import { matrixSamples } from "./matrices.ts";
import { normSamples } from "./normsAndSteps.ts";
import { reductionSamples } from "./reductions.ts";
import type { KernelSample } from "./sample.ts";
import { windowSamples } from "./windows.ts";

export { type KernelSample, largest } from "./sample.ts";

/** A sample for every kernel, by the name under which it is exported; a kernel without one fails the tests. */
export const kernelSamples: Readonly<Record<string, KernelSample>> = {
  ...elementwiseSamples,
  ...reductionSamples,
  ...matrixSamples,
  ...windowSamples,
  ...indexSamples,
  ...normSamples,
  ...lossSamples,
  ...attentionSamples,
};
