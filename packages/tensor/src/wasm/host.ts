import { enableRelaxedSimd } from "#platform";
import { type BuildOptions, buildModule, f32x4, type ModuleBuilder } from "./encoder.ts";

let available: boolean | undefined;
let relaxed: boolean | undefined;

/** Changes whenever modules would be built in another way: those that are compiled already must then be compiled again. */
export let buildVersion: number = 0;

/** Tells that modules must be built in another way from now on. */
export function rebuild(): void {
  buildVersion++;
}

/**
 * Whether WebAssembly with SIMD can be compiled here. It cannot in old engines, nor under a Content-Security-Policy
 * without 'wasm-unsafe-eval', where compiling throws; kernels then run their js side.
 */
export function wasmAvailable(): boolean {
  available ??= compiles(probe());
  return available;
}

/**
 * Whether the host has relaxed SIMD, whose multiply-add rounds once on all common processors: it is what torch's kernels do, and saves
 * registers. Where the engine has it behind a switch, the switch is turned on, once.
 */
export function relaxedAvailable(): boolean {
  relaxed ??=
    wasmAvailable() &&
    (compiles(probe({ relaxed: true })) || (enableRelaxedSimd() && compiles(probe({ relaxed: true }))));
  return relaxed;
}

/** Overrides the probe for relaxed SIMD, for comparisons; undefined probes again. */
export function pretendRelaxed(answer: boolean | undefined): void {
  relaxed = answer;
  rebuild();
}

/** A module that stores a multiply-add. */
function probe(options: BuildOptions = {}): Uint8Array<ArrayBuffer> {
  const one = f32x4.const(1);
  const build = (m: ModuleBuilder): void => {
    m.export("probe", { p: "i32" }, (f, { p }) => f.store(p, f.madd(one, one, one)));
  };
  return buildModule("probe", build, options);
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
