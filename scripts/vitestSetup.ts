/**
 * How often fast-check draws for a property: FC_RUNS, by default 100; in files with "laws" in their path FC_LAW_RUNS,
 * by default as FC_RUNS. A failure prints its seed; FC_SEED draws the same values again.
 */
import * as fc from "fast-check";
import { beforeAll, expect } from "vitest";

const { FC_RUNS = "100", FC_LAW_RUNS = FC_RUNS, FC_SEED } = process.env;

beforeAll(() => {
  const isLaw = expect.getState().testPath?.includes("laws") ?? false;
  const numRuns = Number(isLaw ? FC_LAW_RUNS : FC_RUNS);
  fc.configureGlobal({
    ...fc.readConfigureGlobal(),
    numRuns,
    ...(FC_SEED === undefined ? {} : { seed: Number(FC_SEED) }),
  });
});
