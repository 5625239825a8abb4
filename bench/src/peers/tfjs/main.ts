/** TensorFlow.js on WebAssembly, in a process of its own. */

import { createRequire } from "node:module";
import { dirname } from "node:path";
import { env, ready, setBackend } from "@tensorflow/tfjs";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { serve } from "../../sides/serve.ts";
import { setUp } from "../setups.ts";
import { versionOf } from "../version.ts";
import { setups } from "./setups.ts";

const backend = createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm/package.json");
setWasmPaths(`${dirname(backend)}/dist/`);
env().set("WASM_HAS_MULTITHREAD_SUPPORT", false); // one thread, as all peers
if (!(await setBackend("wasm"))) throw new Error("its wasm backend does not start");
await ready();

await serve({
  version: versionOf("@tensorflow/tfjs"),
  setThreads: () => undefined,
  prepare: (line, inputs) => setUp(setups, line, inputs),
});
