import type { WorkerHandle } from "./worker.ts";

export type { WorkerHandle } from "./worker.ts";

/** What a page has, and Node does not. */
interface Page {
  readonly crossOriginIsolated?: boolean;
  readonly Worker?: new (url: string) => { postMessage(data: object): void; terminate(): void };
}

const page = globalThis as Page;

/** Whether workers can share memory with this page: only where it is cross-origin isolated. */
export function workersAvailable(): boolean {
  return (page.crossOriginIsolated ?? false) && page.Worker !== undefined && typeof SharedArrayBuffer === "function";
}

/**
 * Starts a worker that runs the function `start` of a program with `data`.
 *
 * @returns null where that is not possible, such as under a policy that forbids it
 */
export function startWorker(source: string, data: object): WorkerHandle | null {
  const { Worker } = page;
  if (Worker === undefined) return null;
  const url = URL.createObjectURL(new Blob([`${source}onmessage = ({ data }) => start(data);`]));
  try {
    const worker = new Worker(url);
    worker.postMessage(data);
    return { stop: () => worker.terminate() };
  } catch {
    return null;
  } finally {
    // by then it is loaded
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  }
}
