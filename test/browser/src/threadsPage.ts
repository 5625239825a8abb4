/** A page that multiplies matrices alone and with two threads. */
import { getNumThreads, manualSeed, randn, setNumThreads } from "tapegrad";

/** What came of it. */
export interface Threads {
  readonly isolated: boolean;
  readonly threads: number;
  /** Whether all products have the same bits. */
  readonly same: boolean;
}

async function multiply(): Promise<Threads> {
  manualSeed(0);
  const [a, b] = [randn(300, 300), randn(300, 300)];
  const alone = a.matmul(b).toArray();
  setNumThreads(2);
  let same = true;
  for (let i = 0; i < 40; i++) {
    // workers start once the page is back at its event loop
    await new Promise((resolve) => setTimeout(resolve, 10));
    const product = a.matmul(b).toArray();
    same &&= product.every((x, at) => x === alone[at]);
  }
  return { isolated: Reflect.get(globalThis, "crossOriginIsolated") === true, threads: getNumThreads(), same };
}

Reflect.set(globalThis, "threads", multiply());
