import { env, ready, setBackend } from "@tensorflow/tfjs";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import type { Host } from "../../sides/answerer.ts";
import { setUp } from "../setups.ts";
import { setups } from "./setups.ts";

/** TensorFlow.js on WebAssembly as a side. `files`: where the modules of its backend are, with a slash at the end. */
export async function tfjsHost(version: string, files: string): Promise<Host> {
  setWasmPaths(files);
  env().set("WASM_HAS_MULTITHREAD_SUPPORT", false); // one thread, as all peers
  if (!(await setBackend("wasm"))) throw new Error("its wasm backend does not start");
  await ready();
  return { version, setThreads: () => undefined, prepare: (line, inputs) => setUp(setups, line, inputs) };
}
