import { defaultServerConditions } from "vite";
import { defineConfig, type ViteUserConfig } from "vitest/config";

/** What the browser is compared with runs on the TypeScript source too, as everywhere in this repository. */
const conditions = ["tapegrad:source", ...defaultServerConditions];

const config: ViteUserConfig = defineConfig({
  root: import.meta.dirname,
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ["src/**/*.test.ts"],
    pool: "forks",
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});

export default config;
