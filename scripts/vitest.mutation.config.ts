/** The tests that mutation runs repeat for each mutant of the losses: few draws, always the same, and quick files first. */
import { defineConfig, type ViteUserConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import base from "../vitest.config.ts";

process.env.FC_RUNS ??= "8";
process.env.FC_LAW_RUNS ??= "5";
process.env.FC_SEED ??= "20261121";

/** Parts of paths of files that are slow, or that are to come last, in their order. */
const late = ["tripletMargin", "ctcLoss", "linearCrossEntropyLoss", "/laws/", "/laws/everyLoss", "Gradients", "/load."];

class QuickFirst extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => late.findLastIndex((part) => moduleId.includes(part));
    return Promise.resolve(files.toSorted((a, b) => rank(a) - rank(b)));
  }
}

const config: ViteUserConfig = defineConfig({
  ...base,
  test: {
    ...base.test,
    include: ["packages/nn/src/losses/**/*.test.ts", "packages/nn/test/**/*.test.ts"],
    setupFiles: ["./scripts/vitestSetup.ts", "./scripts/mutationSetup.ts"],
    sequence: { sequencer: QuickFirst },
    // One worker for all files of a run; Stryker starts a new one for each mutant.
    isolate: false,
    maxWorkers: 1,
  },
});

export default config;
