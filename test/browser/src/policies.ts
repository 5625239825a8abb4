/** A Content-Security-Policy, and what else a server sends, under which the library must work. */
export interface Policy {
  /** The header; null: none is sent. */
  readonly header: string | null;
  /** Whether code may be made from strings. */
  readonly strings: boolean;
  /** Whether WebAssembly may be compiled. */
  readonly wasm: boolean;
  /** Whether the page is cross-origin isolated, so that it may share memory among threads. */
  readonly isolated: boolean;
}

/** The name of a {@link Policy}. */
export type PolicyName = "open" | "isolated" | "wasmOnly" | "strict";

/** The policies by name, which is also the folder under which the server applies them. */
export const policies: Readonly<Record<PolicyName, Policy>> = {
  open: { header: null, strings: true, wasm: true, isolated: false },
  isolated: { header: null, strings: true, wasm: true, isolated: true },
  wasmOnly: { header: "script-src 'self' 'wasm-unsafe-eval'", strings: false, wasm: true, isolated: false },
  strict: { header: "script-src 'self'", strings: false, wasm: false, isolated: false },
};
