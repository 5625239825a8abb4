/** What the host thinks of the library: told by the page or worker itself, which must import nothing of the library before. */
export interface Watch {
  /** Violations of the Content-Security-Policy, by what was blocked: "eval", "wasm-eval". */
  readonly violations: string[];
  /** WebAssembly modules that were put to use. */
  instances: number;
}

/** Starts to watch. */
export function watch(): Watch {
  const seen: Watch = { violations: [], instances: 0 };
  (globalThis as unknown as EventTarget).addEventListener("securitypolicyviolation", (event) => {
    seen.violations.push((event as Event & { readonly blockedURI: string }).blockedURI);
  });
  WebAssembly.Instance = new Proxy(WebAssembly.Instance, {
    construct(target, args: [module: WebAssembly.Module, imports?: WebAssembly.Imports]) {
      seen.instances++;
      return new target(...args);
    },
  });
  return seen;
}

/** Whether code can be made from strings here. Trying is itself a violation where it is forbidden. */
export function canUseStrings(): boolean {
  return succeeds(() => Reflect.construct(Function, ["return 1"]));
}

/** Whether WebAssembly can be compiled here. Trying is itself a violation where it is forbidden. */
export function canUseWasm(): boolean {
  return succeeds(() => new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)));
}

function succeeds(action: () => unknown): boolean {
  try {
    action();
    return true;
  } catch {
    return false;
  }
}
