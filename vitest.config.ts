import { availableParallelism } from "node:os";
import { defaultServerConditions } from "vite";
import { defineConfig, type ViteUserConfig } from "vitest/config";

/** Packages are taken from their TypeScript source, so that tests need no build. */
const conditions = ["tapegrad:source", ...defaultServerConditions];

/** One draw of a property may be slow on a busy machine, and the time asked for grows with the number of draws. */
const draws = Math.max(Number(process.env.FC_RUNS ?? 100), Number(process.env.FC_LAW_RUNS ?? 100));

const config: ViteUserConfig = defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ["{packages,conformance,bench,examples,scripts}/**/*.test.ts"],
    setupFiles: ["./scripts/vitestSetup.ts"],
    // Processes, not threads: V8's flags, which switch on parts of WebAssembly, belong to a whole process.
    pool: "forks",
    // vitest would leave one of two cores idle.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    testTimeout: 60_000 * Math.max(1, draws / 100),
    hookTimeout: 60_000,
  },
});

export default config;
