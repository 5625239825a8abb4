import type { WorkerHandle } from "./worker.ts";

export type { WorkerHandle } from "./worker.ts";

/** Whether workers can share memory with this thread. */
export function workersAvailable(): boolean {
  return true;
}

/**
 * Starts a worker that runs the function `start` of a program with `data`.
 *
 * @returns null where that is not possible
 */
export function startWorker(source: string, data: object): WorkerHandle | null {
  const program = `${source}start(require("node:worker_threads").workerData);`;
  try {
    // loaded when it is needed: few programs start workers
    const { Worker } = process.getBuiltinModule("node:worker_threads");
    const worker = new Worker(program, { eval: true, workerData: data, execArgv: [] });
    worker.unref();
    return { stop: () => void worker.terminate() };
  } catch {
    return null;
  }
}
