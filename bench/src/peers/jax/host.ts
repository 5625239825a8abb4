import type { Host } from "../../sides/answerer.ts";
import { setUp } from "../setups.ts";

/** jax-js on WebAssembly as a side, on one thread as all peers. */
export async function jaxHost(version: string): Promise<Host> {
  hideWorkers();
  const { defaultDevice, init } = await import("@jax-js/jax"); // as it loads it looks at where it is
  await init("wasm");
  defaultDevice("wasm");
  const { setups } = await import("./setups.ts");
  return { version, setThreads: () => undefined, prepare: (line, inputs) => setUp(setups, line, inputs) };
}

/** In pages jax-js shares its work among workers; in Node, which does not have them as pages do, it works alone. */
function hideWorkers(): void {
  Reflect.deleteProperty(globalThis, "Worker");
  // it asks a browser's navigator what it runs on; Node 20 has none
  if (!("navigator" in globalThis)) Object.assign(globalThis, { navigator: { hardwareConcurrency: 1, userAgent: "" } });
}
