import { noGrad, type Tensor } from "tapegrad";
import { bind } from "../bind.ts";
import type { Carry } from "../callCase.ts";
import { compare, flattened } from "../compare.ts";
import { construct } from "../construct.ts";
import { runError } from "../errorCase.ts";
import type { CallRecord, CaseRecord, FixtureFile, Json, JsonGradients, JsonObject } from "../fixture.ts";
import { checkGradients, type Gradients, pullBack } from "../gradients.ts";
import { entryOf } from "../names/index.ts";
import { precisionOf } from "../precision.ts";
import { Reader } from "../reader.ts";
import { float32Tolerance, float64Tolerance } from "../tolerance.ts";
import { CaseRun, type Outcome } from "../verdict.ts";

/** What the runner needs of a module. */
interface AnyModule {
  (...args: readonly unknown[]): unknown;
  train(mode: boolean): unknown;
  eval(): unknown;
  double(): unknown;
  loadStateDict(dict: Readonly<Record<string, Tensor>>): unknown;
  stateDict(): Record<string, Tensor>;
  namedParameters(): readonly (readonly [string, Tensor])[];
}

/** A case of a module. */
interface ModuleCase extends CaseRecord {
  readonly ctor: CallRecord;
  readonly forward?: CallRecord;
  readonly training: boolean;
  readonly state?: JsonObject;
  readonly lazy?: boolean;
  readonly param_grads64?: JsonGradients;
  readonly input_grads64?: JsonGradients;
  readonly state_after64?: JsonGradients;
}

/** Runs a file of `modules/`: construct, load the state, call; results, gradients of parameters and inputs, and the state after. */
export function runModules(file: FixtureFile): Outcome[] {
  const { name } = file;
  const fails: Carry = (record, reader) => {
    const { ctor, forward, training } = record as ModuleCase;
    const module = build(name, ctor, reader);
    module.train(training);
    return forward && call(name, module, forward, reader);
  };
  return [
    ...file.cases.map((record) => runModule(name, record as ModuleCase)),
    ...(file.errors ?? []).map((record) => runError(record, fails)),
  ];
}

function runModule(name: string, record: ModuleCase): Outcome {
  const run = new CaseRun(record.id);
  const { out32, out64, err32 } = record;
  run.check("out32", () => {
    const { got } = forward(name, record, new Reader(false));
    run.precision = precisionOf(got, record);
    return compare(got, { value: out64!, dtypes: out32, torch32: out32 }, float32Tolerance(err32));
  });
  if (run.isUnsupported) return run.outcome();
  run.check("out64", () => {
    const { got, module } = forward(name, record, new Reader(true));
    checkState(run, module, record);
    return compare(got, { value: out64! }, float64Tolerance);
  });
  checkDerivatives(run, name, record);
  return run.outcome();
}

function checkState(run: CaseRun, module: AnyModule, { state = {}, state_after64: after = {} }: ModuleCase): void {
  const found = module.stateDict();
  for (const [key, value] of Object.entries(after)) {
    run.check(`state64 ${key}`, () => compare(found[key], { value }, float64Tolerance));
  }
  const moved = Object.entries(state).filter(([key]) => !(key in after));
  for (const [key, value] of moved) {
    run.check(`state64 ${key}`, () => compare(found[key], { value: widened(value) }, float64Tolerance));
  }
}

/** A float32 tensor of the fixtures as a float64 one with the same elements. */
function widened(json: Json): Json {
  if (typeof json !== "object" || json === null || Array.isArray(json)) return json;
  const { t, data } = json as JsonObject;
  if (t !== "float32") return json;
  const exact = (data as readonly Json[]).map((x) => (typeof x === "number" ? Math.fround(x) : x));
  return { ...(json as JsonObject), t: "float64", data: exact };
}

function checkDerivatives(run: CaseRun, name: string, record: ModuleCase): void {
  const { cotangent, param_grads64: ofParameters = {}, input_grads64: ofInputs = {}, out64 } = record;
  if (cotangent === undefined) return;
  const wanted = { ...prefixed("parameter.", ofParameters), ...prefixed("", ofInputs) };
  const gradients = (): Gradients => {
    const reader = new Reader(true, Object.keys(ofInputs));
    const { got, module } = forward(name, record, reader);
    const parameters = module.namedParameters().map(([key, parameter]) => [`parameter.${key}`, parameter] as const);
    const inputs = Object.keys(ofInputs).flatMap((path) => {
      const leaf = reader.tensors.get(path);
      return leaf === undefined ? [] : [[path, leaf] as const];
    });
    const leaves = new Map<string, Tensor>([...parameters, ...inputs]);
    return pullBack({ outputs: flattened(got, out64!), leaves }, cotangent, true);
  };
  // the fixtures of modules do not say how far torch's own float32 gradients are off; those of functions do
  checkGradients(run, "grads64", gradients, wanted, float64Tolerance, { nulls: "null is null", dtype: "float64" });
}

const prefixed = (prefix: string, gradients: JsonGradients): JsonGradients =>
  Object.fromEntries(Object.entries(gradients).map(([path, gradient]) => [`${prefix}${path}`, gradient]));

/** A module in the state of a case, and what it gives. */
function forward(name: string, record: ModuleCase, reader: Reader): { got: unknown; module: AnyModule } {
  const { ctor, state = {}, training, lazy = false } = record;
  const module = build(name, ctor, reader);
  // a lazy module takes its shape from its first call
  if (lazy) {
    module.eval();
    noGrad(() => call(name, module, record.forward!, new Reader(reader.wide)));
  }
  const tensors = new Reader(reader.wide);
  const entries = Object.entries(state).map(([key, value]) => [key, tensors.value(value) as Tensor]);
  module.loadStateDict(Object.fromEntries(entries) as Record<string, Tensor>);
  module.train(training);
  return { got: call(name, module, record.forward!, reader), module };
}

function build(name: string, { args = [], kwargs = {} }: CallRecord, reader: Reader): AnyModule {
  const values = args.map((arg, i) => reader.value(arg, `ctor.args.${i}`));
  const module = construct(`nn.${name}`, values, reader.keywords(kwargs, "ctor.kwargs")) as AnyModule;
  if (reader.wide) module.double();
  return module;
}

function call(name: string, module: AnyModule, record: CallRecord, reader: Reader): unknown {
  const { args, kwargs } = reader.call(record);
  return module(...bind(name, entryOf(`nn.${name}.forward`).forms, args, kwargs).args);
}
