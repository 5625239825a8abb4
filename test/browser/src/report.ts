import { loadSafetensors, saveSafetensors, tensor } from "tapegrad";
import { messageOf } from "./scenario/printing.ts";
import { type Outcome, runScenario } from "./scenario/scenario.ts";
import { canUseStrings, canUseWasm, type Watch } from "./watch.ts";

/** What a page or a worker found out. */
export interface Report {
  readonly outcome: Outcome;
  /** The same once more, after everything that loads lazily had time to. */
  readonly again: Outcome;
  /** What reading and writing files ends with. */
  readonly refusals: { readonly save: string; readonly load: string };
  readonly violations: readonly string[];
  readonly instances: number;
  /** What the policy turned out to allow. */
  readonly allowed: { readonly strings: boolean; readonly wasm: boolean };
  /** Milliseconds from the navigation (a worker: from its start) to the end of the first step of training. */
  readonly firstStep: number;
  /** Milliseconds that the scenario took, the first time and the second. */
  readonly took: readonly [number, number];
}

/** Runs the scenario, and sends the {@link Report} or the error to the server. */
export async function sendReport(seen: Watch): Promise<void> {
  await send(await makeReport(seen).catch((error: Error) => ({ error: error.stack ?? String(error) })));
}

async function makeReport(seen: Watch): Promise<Report> {
  let firstStep = 0;
  const start = performance.now();
  const outcome = runScenario(() => {
    firstStep ||= performance.now();
  });
  const middle = performance.now();
  await pause();
  const second = performance.now();
  const again = runScenario();
  const took = [middle - start, performance.now() - second] as const;
  const refusals = {
    save: messageOf(() => saveSafetensors("model.safetensors", { w: tensor([1]) })),
    load: messageOf(() => loadSafetensors("model.safetensors")),
  };
  await pause();
  const { instances } = seen;
  const violations = [...seen.violations];
  const allowed = { strings: canUseStrings(), wasm: canUseWasm() };
  return { outcome, again, refusals, violations, instances, allowed, firstStep, took };
}

/** Time for what was asked to be loaded, and for events that are on their way. */
function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 200));
}

async function send(report: Report | { readonly error: string }): Promise<void> {
  await fetch("report", { method: "POST", body: JSON.stringify(report) });
}
