import { manualSeed, type Tensor, zeros } from "tapegrad";
import { type Comparison, compare } from "../compare.ts";
import { construct } from "../construct.ts";
import type { CaseRecord, FixtureFile, Json, JsonObject } from "../fixture.ts";
import { methodOf } from "../library.ts";
import { dtypeFor, isObject, Reader } from "../reader.ts";
import { drawnTolerance, type Tolerance } from "../tolerance.ts";
import { callMethod, callTorch } from "../torchCall.ts";
import { CaseRun, type Outcome } from "../verdict.ts";

/** One call that draws. */
interface Step {
  readonly fn: string;
  readonly args?: readonly Json[];
  readonly kwargs?: JsonObject;
  readonly shape?: readonly number[];
  readonly dtype?: string;
  readonly sample?: readonly number[];
  readonly out: Json;
}

/** A case of `random/`: what a seed and some calls give, in order, from one generator. */
interface RandomCase extends CaseRecord {
  readonly seed: number;
  readonly steps: readonly Step[];
}

/** Runs a file of `random/`. */
export function runRandom(file: FixtureFile): Outcome[] {
  return file.cases.map((record) => runSequence(record as RandomCase));
}

function runSequence({ id, seed, steps }: RandomCase): Outcome {
  const run = new CaseRun(id);
  manualSeed(seed);
  for (const [i, step] of steps.entries()) {
    run.check(`drawn ${i} ${step.fn}`, () => {
      const got = draw(step, new Reader(false));
      if (step.fn === "torch.manual_seed") return null;
      const tolerance = drawnTolerance(step.fn);
      return isObject(step.out) && isObject(step.out.state)
        ? compareState(got, step.out.state, tolerance)
        : compare(got, { value: step.out }, tolerance);
    });
    if (run.isUnsupported) break; // what follows depends on what this step would have drawn
  }
  return run.outcome();
}

function draw({ fn, args = [], kwargs = {}, shape, dtype = "float32", sample }: Step, reader: Reader): unknown {
  const values = args.map((arg, i) => reader.value(arg, `args.${i}`));
  const keywords = reader.keywords(kwargs, "kwargs");
  const [head, name = ""] = [fn.slice(0, fn.lastIndexOf(".")), fn.slice(fn.lastIndexOf(".") + 1)];
  if (head === "Tensor") return callMethod(zeros(shape ?? [], { dtype: dtypeFor(dtype) }), name, values, keywords);
  if (head === "nn.init") return callTorch(fn, [zeros(shape ?? []), ...values], keywords);
  if (head === "distributions") return methodOf(construct(fn, values, keywords), "sample")(sample);
  if (head === "nn") return construct(fn, values, keywords);
  if (fn === "torch.manual_seed") return manualSeed(values[0] as number);
  return callTorch(head === "torch" ? name : fn, values, keywords);
}

function compareState(module: unknown, state: JsonObject, tolerance: Tolerance): Comparison {
  const found = methodOf(module, "stateDict")() as Record<string, Tensor>;
  const compared = Object.entries(state).map(([key, value]) => compare(found[key], { value }, tolerance));
  return {
    error: Math.max(0, ...compared.map(({ error }) => error)),
    mismatch: compared.find(({ mismatch }) => mismatch !== null)?.mismatch ?? null,
  };
}
