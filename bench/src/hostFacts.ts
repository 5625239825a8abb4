import { cpus } from "node:os";
import type { Side } from "./sides/side.ts";
import { ONE_THREAD } from "./sides/sides.ts";

/** On what and with what a run was made. */
export interface HostFacts {
  readonly cpu: string;
  readonly cores: number;
  readonly system: string;
  /** What runs tapegrad, such as "Node v20.20.2". */
  readonly runtime: string;
  /** Versions of the libraries; null where one is not there. */
  readonly versions: Readonly<Record<string, string | null>>;
  readonly threads: number;
  readonly rounds: number;
  readonly budget: number;
  /** The day, as YYYY-MM-DD. */
  readonly date: string;
}

/** The facts of this run. `runtime`: what runs tapegrad. */
export function hostFacts(
  runtime: string,
  sides: readonly Side[],
  { threads, rounds, budget }: Pick<HostFacts, "threads" | "rounds" | "budget">,
): HostFacts {
  const processors = cpus();
  return {
    cpu: processors[0]?.model.trim() ?? "unknown",
    cores: processors.length,
    system: `${process.platform} ${process.arch}`,
    runtime,
    versions: Object.fromEntries(
      sides.filter(({ name }) => name !== ONE_THREAD).map(({ name, version }) => [name, version]),
    ),
    threads,
    rounds,
    budget,
    date: new Date().toISOString().slice(0, 10),
  };
}
