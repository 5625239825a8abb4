import { buildModule, f32x4 } from "./encoder.ts";

let available: boolean | undefined;

/**
 * Whether WebAssembly with SIMD can be compiled here. It cannot in old engines, nor under a Content-Security-Policy
 * without 'wasm-unsafe-eval', where compiling throws; kernels then run their js side.
 */
export function wasmAvailable(): boolean {
  available ??= compiles(
    buildModule("probe", (m) => m.export("probe", { p: "i32" }, (f, { p }) => f.store(p, f32x4.const(1)))),
  );
  return available;
}

/** Overrides the probe, for tests of hosts without WebAssembly; undefined probes again. Returns the former answer. */
export function pretendWasm(answer: boolean | undefined): boolean | undefined {
  const former = available;
  available = answer;
  return former;
}

function compiles(bytes: Uint8Array<ArrayBuffer>): boolean {
  try {
    return typeof WebAssembly === "object" && new WebAssembly.Module(bytes) instanceof WebAssembly.Module;
  } catch {
    return false;
  }
}
