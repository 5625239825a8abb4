import { fail } from "@tapegrad/tensor";
import { nn, ones, optim } from "tapegrad";
import { compare } from "../compare.ts";
import { construct } from "../construct.ts";
import { runError } from "../errorCase.ts";
import type { CaseRecord, FixtureFile, Json, JsonObject } from "../fixture.ts";
import { isObject, numberOf, Reader } from "../reader.ts";
import { float64Tolerance } from "../tolerance.ts";
import { CaseRun, type Outcome } from "../verdict.ts";

/** A case of a scheduler: what it sets after construction and after each of 30 steps, one number a group. */
interface SchedulerCase extends CaseRecord {
  readonly kwargs: JsonObject;
  readonly lrs: readonly (readonly number[])[];
  readonly momenta?: readonly (readonly number[])[];
}

interface AnyScheduler {
  step(metric?: number): void;
}

/** The functions that fixtures of schedulers name; nothing here is made from strings. */
const functions: Readonly<Record<string, (step: number) => number>> = {
  pow95: (epoch) => 0.95 ** epoch,
  inverse: (epoch) => 1 / (1 + 0.5 * epoch),
  third: (epoch) => (epoch % 3 ? 1 : 0.7),
  iterlog: (step) => 1 / (1 + Math.log(step + 1)),
};

/** Runs a file of `schedulers/`. */
export function runSchedulers(file: FixtureFile): Outcome[] {
  const metrics = (file.metrics as readonly Json[] | undefined)?.map((metric) => metricOf(metric));
  return [
    ...file.cases.map((record) => runSchedule(file.name, record as SchedulerCase, metrics)),
    ...(file.errors ?? []).map((record) =>
      runError(record, () => void schedulerOf(file.name, (record as SchedulerCase).kwargs, optimizerOf())),
    ),
  ];
}

const metricOf = (json: Json): number => numberOf(isObject(json) ? json.n : json);

function runSchedule(name: string, record: SchedulerCase, metrics: readonly number[] | undefined): Outcome {
  const run = new CaseRun(record.id);
  run.check("lrs", () => {
    const optimizer = optimizerOf();
    const scheduler = schedulerOf(name, record.kwargs, optimizer);
    const groups = () => optimizer.paramGroups.map(({ lr, momentum }) => ({ lr, momentum }));
    const rows = [groups()];
    for (let step = 0; step < record.lrs.length - 1; step++) {
      optimizer.step();
      scheduler.step(metrics?.[step]);
      rows.push(groups());
    }
    if (record.momenta !== undefined) {
      const momenta = rows.map((row) => row.map(({ momentum }) => momentum));
      run.check("momenta", () => compare(momenta, { value: record.momenta as Json }, float64Tolerance));
    }
    const rates = rows.map((row) => row.map(({ lr }) => lr));
    return compare(rates, { value: record.lrs as Json }, float64Tolerance);
  });
  return run.outcome();
}

/** The optimizer of all these fixtures: two groups, with learning rates 0.1 and 0.5, and momentum. */
function optimizerOf(): optim.SGD {
  const parameter = () => new nn.Parameter(ones(2));
  const groups = [
    { params: [parameter()], lr: 0.1 },
    { params: [parameter()], lr: 0.5 },
  ];
  return new optim.SGD(groups, { lr: 0.1, momentum: 0.9 });
}

function schedulerOf(name: string, kwargs: JsonObject, optimizer: optim.SGD): AnyScheduler {
  const reader = new Reader(false);
  const value = (json: Json): unknown => {
    if (Array.isArray(json)) return json.map(value);
    if (isObject(json) && "fn" in json) return functionNamed(String(json.fn));
    if (!isObject(json) || !("scheduler" in json)) return reader.value(json);
    return schedulerOf(String(json.scheduler), json.kwargs as JsonObject, optimizer);
  };
  const named = new Map(Object.entries(kwargs).map(([key, json]) => [key, value(json)]));
  // torch takes the schedulers of this one first, and the optimizer by name
  if (name === "ChainedScheduler") return make(name, [], named.set("optimizer", optimizer));
  return make(name, [optimizer], named);
}

const make = (name: string, args: readonly unknown[], kwargs: ReadonlyMap<string, unknown>): AnyScheduler =>
  construct(`optim.lr_scheduler.${name}`, args, kwargs) as AnyScheduler;

function functionNamed(name: string): (step: number) => number {
  return functions[name] ?? fail("unsupported", "conformance", `the function ${name} is not known`);
}
