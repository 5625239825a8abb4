/** jax-js on WebAssembly, in a process of its own. */
import { serve } from "../../sides/serve.ts";
import { setUp } from "../setups.ts";
import { versionOf } from "../version.ts";

// it asks a browser's navigator how many cores there are; Node 20 has none
if (!("navigator" in globalThis)) Object.assign(globalThis, { navigator: { hardwareConcurrency: 1, userAgent: "" } });

const { defaultDevice, init } = await import("@jax-js/jax");
await init("wasm");
defaultDevice("wasm");
const { setups } = await import("./setups.ts");

await serve({
  version: versionOf("@jax-js/jax"),
  setThreads: () => undefined,
  prepare: (line, inputs) => setUp(setups, line, inputs),
});
