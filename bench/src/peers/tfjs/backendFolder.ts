import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** Where the WebAssembly modules of TensorFlow.js are installed. */
export function backendFolder(): string {
  const manifest = createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm/package.json");
  return join(dirname(manifest), "dist");
}
