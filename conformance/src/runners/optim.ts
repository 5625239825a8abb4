import { isTensor, type Tensor } from "tapegrad";
import { compare } from "../compare.ts";
import { construct } from "../construct.ts";
import { runError } from "../errorCase.ts";
import type { CaseRecord, FixtureFile, Json, JsonObject } from "../fixture.ts";
import { Reader } from "../reader.ts";
import { camelCase } from "../signature.ts";
import { float32Tolerance, float64Tolerance } from "../tolerance.ts";
import { CaseRun, type Outcome } from "../verdict.ts";
import { closureOf } from "./closure.ts";

type Rows = readonly (readonly Json[])[];

/** A file of `optim/`. */
export interface OptimFile extends FixtureFile {
  readonly params: readonly Json[];
  readonly grads: Rows;
  readonly c?: Json;
  readonly t?: Json;
}

/** A case of an optimizer: its parameters after each of ten steps. */
interface OptimCase extends CaseRecord {
  readonly steps32: Rows;
  readonly steps64: Rows;
  readonly grads?: Rows;
  readonly groups?: readonly JsonObject[];
  readonly closure?: "quadratic" | "rosenbrock";
  readonly losses64?: readonly Json[];
  readonly params?: readonly Json[];
}

interface AnyOptimizer {
  step(closure?: () => Tensor): unknown;
  zeroGrad(): void;
}

/** Runs a file of `optim/`: ten steps with given gradients, or with a closure, in float32 and in float64. */
export function runOptim(fixture: FixtureFile): Outcome[] {
  const file = fixture as OptimFile;
  return [
    ...file.cases.map((record) => runSteps(file, record as OptimCase)),
    ...(file.errors ?? []).map((record) => runError(record, (_, reader) => oneStep(file, record as OptimCase, reader))),
  ];
}

function runSteps(file: OptimFile, record: OptimCase): Outcome {
  const run = new CaseRun(record.id);
  run.check("steps32", () => {
    const { steps } = walk(file, record, new Reader(false));
    const dtypes = record.steps32 as Json;
    return compare(steps, { value: record.steps64 as Json, dtypes, torch32: dtypes }, float32Tolerance(record.err32));
  });
  if (run.isUnsupported) return run.outcome();
  run.check("steps64", () => {
    const { steps, losses } = walk(file, record, new Reader(true));
    if (record.losses64 !== undefined) {
      run.check("losses64", () => compare(losses, { value: record.losses64! }, float64Tolerance));
    }
    return compare(steps, { value: record.steps64 as Json }, float64Tolerance);
  });
  return run.outcome();
}

function walk(file: OptimFile, record: OptimCase, reader: Reader): { steps: Tensor[][]; losses: number[] } {
  const params = file.params.map((param) => (reader.value(param) as Tensor).requiresGrad_());
  const optimizer = build(file.name, params, record, reader);
  const closure = record.closure && closureOf(record.closure, params, file, reader);
  const steps: Tensor[][] = [];
  const losses: number[] = [];
  for (const row of record.grads ?? file.grads) {
    if (closure === undefined) {
      row.forEach((grad, i) => {
        params[i]!.grad = grad === null ? null : (reader.value(grad) as Tensor);
      });
      optimizer.step();
    } else {
      const loss = optimizer.step(() => {
        optimizer.zeroGrad();
        const value = closure();
        value.backward();
        return value;
      });
      losses.push(isTensor(loss) ? loss.item() : Number(loss));
    }
    steps.push(params.map((param) => param.detach().clone()));
  }
  return { steps, losses };
}

function oneStep(file: OptimFile, record: OptimCase, reader: Reader): void {
  const params = (record.params ?? file.params).map((param) => (reader.value(param) as Tensor).requiresGrad_());
  const optimizer = build(file.name, params, record, reader);
  for (const param of params) param.grad = param.detach().mul(0).add(1);
  optimizer.step(() => params.map((param) => param.mul(param).sum()).reduce((sum, term) => sum.add(term)));
}

function build(name: string, params: readonly Tensor[], record: OptimCase, reader: Reader): AnyOptimizer {
  const groups = record.groups?.map(({ params: indices, ...settings }) => ({
    ...Object.fromEntries([...reader.keywords(settings, "groups")].map(([key, value]) => [camelCase(key), value])),
    params: (indices as readonly number[]).map((i) => params[i]),
  }));
  return construct(`optim.${name}`, [groups ?? params], reader.keywords(record.kwargs ?? {}, "kwargs")) as AnyOptimizer;
}
