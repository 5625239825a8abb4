import { type Describe, describer } from "../atFirstUse.ts";

/**
 * A kernel in two forms that compute the same: `js`, which is the definition and takes every dtype, stride and size,
 * and `wasm`, the fast form, which may be missing. Called, it runs the fast one where that is able and pays.
 *
 * The first argument is always what is written; the others are read. A kernel never allocates what its caller sees.
 */
export interface KernelPair<Args extends readonly unknown[]> {
  (...args: Args): void;
  /** The name, for profiles and messages. */
  readonly kernel: string;
  /** The definition. */
  readonly js: (...args: Args) => void;
  /** The fast form. */
  readonly wasm: ((...args: Args) => void) | null;
  /** Whether the fast form can take these operands. */
  readonly accepts: (...args: Args) => boolean;
  /** Whether it is worth it: copies and calls cost something. */
  readonly pays: (...args: Args) => boolean;
  /** How far the two may differ, in units of the last place of the largest magnitude in the result; 0: the same bits. */
  readonly ulps: number;
}

/** What a kernel pair is made of. */
export interface KernelSpec<Args extends readonly unknown[]> {
  readonly name: string;
  readonly js: (...args: Args) => void;
  /** @defaultValue null */
  readonly wasm?: ((...args: Args) => void) | null;
  /** @defaultValue always */
  readonly accepts?: (...args: Args) => boolean;
  /** @defaultValue always */
  readonly pays?: (...args: Args) => boolean;
  /** @defaultValue 0 */
  readonly ulps?: number;
}

let fastForms = true;

/** Switches the fast forms of all kernels on or off, for comparisons; returns the former setting. */
export function useFastKernels(on: boolean): boolean {
  const former = fastForms;
  fastForms = on;
  return former;
}

/** Of any arguments: these go past. */
type Forms = Required<KernelSpec<never>>;

const withForms: Describe<Forms, Omit<Forms, "name"> & { readonly kernel: string }> = describer({
  kernel: ({ name }) => name,
  js: ({ js }) => js,
  wasm: ({ wasm }) => wasm,
  accepts: ({ accepts }) => accepts,
  pays: ({ pays }) => pays,
  ulps: ({ ulps }) => ulps,
});

/** Declares a kernel pair; what it is made of is asked for at first use. */
export function kernelPair<Args extends readonly unknown[]>(declaration: () => KernelSpec<Args>): KernelPair<Args> {
  // atFirstUse, but looked at without a call: 2 % of a tiny training step
  let made: Required<KernelSpec<Args>> | null = null;
  const declared = (): Required<KernelSpec<Args>> => (made ??= complete(declaration()));
  const run = (...args: Args): void => {
    const { wasm, js, pays, accepts } = made ?? declared();
    if (wasm !== null && fastForms && pays(...args) && accepts(...args)) wasm(...args);
    else js(...args);
  };
  return withForms(run, declared) as KernelPair<Args>;
}

function complete<Args extends readonly unknown[]>(spec: KernelSpec<Args>): Required<KernelSpec<Args>> {
  const { name, js, wasm = null, accepts = always, pays = always, ulps = 0 } = spec;
  return { name, js, wasm, accepts, pays, ulps };
}

const always = (): boolean => true;
