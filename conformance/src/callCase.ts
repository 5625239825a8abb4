import type { Tensor } from "tapegrad";
import { compare, flattened } from "./compare.ts";
import type { CaseRecord } from "./fixture.ts";
import { type Computed, checkGradients, hessianProduct, pullBack } from "./gradients.ts";
import { asRight, hasDType, refusesIntegers } from "./limits.ts";
import { precisionOf } from "./precision.ts";
import { Reader } from "./reader.ts";
import { float32Tolerance, float64Tolerance } from "./tolerance.ts";
import { CaseRun, type Outcome } from "./verdict.ts";

/** Carries out the call of a case with values that a reader makes. */
export type Carry = (record: CaseRecord, reader: Reader) => unknown;

/**
 * Runs one case of a call: results, changed inputs, gradients and second derivatives, in float32 and in float64.
 *
 * @param name torch's name of what is called
 */
export function runCall(name: string, record: CaseRecord, carry: Carry): Outcome {
  const run = new CaseRun(record.id, (error) => refusesIntegers(error, record));
  const { out32, out64, err32 } = record;
  const narrow = new Reader(false);
  run.check("out32", () => {
    const got = carry(record, narrow);
    run.precision = precisionOf(got, record);
    return out64 === undefined || out32 === undefined
      ? compare(got, { value: (out32 ?? out64)! }, float64Tolerance)
      : compare(got, { value: out64, dtypes: out32, torch32: out32 }, float32Tolerance(err32));
  });
  if (run.isUnsupported) return run.outcome();
  checkMutated(run, record, "mutated32", narrow);
  if (out64 !== undefined && isFloatingCall(record)) {
    const wide = new Reader(true);
    run.check("out64", () => compare(carry(record, wide), { value: out64 }, float64Tolerance));
    checkMutated(run, record, "mutated64", wide);
  }
  checkDerivatives(run, record, carry);
  run.excuse((differences) => asRight(name, record, differences));
  return run.outcome();
}

/**
 * Whether any tensor or dtype of the call is a floating-point one. If none is, the float64 result is that of another default
 * dtype, which only torch has.
 */
function isFloatingCall({ input, args, kwargs, p, q }: CaseRecord): boolean {
  return hasDType([input, args, kwargs, p, q], "float32", "float64");
}

function checkMutated(run: CaseRun, record: CaseRecord, check: "mutated32" | "mutated64", { tensors }: Reader): void {
  for (const [path, value] of Object.entries(record[check] ?? {})) {
    run.check(`${check} ${path}`, () => compare(tensors.get(path), { value }, float64Tolerance));
  }
}

function checkDerivatives(run: CaseRun, record: CaseRecord, carry: Carry): void {
  const { cotangent, grads64, hvp64, v, grad_err32 } = record;
  if (cotangent === undefined || grads64 === undefined) return;
  const compute = (wide: boolean): Computed => {
    const paths = Object.keys(grads64);
    const reader = new Reader(wide, paths);
    const outputs = flattened(carry(record, reader), (record.out64 ?? record.out32)!);
    const leaves = new Map(
      paths.flatMap((path) => [reader.tensors.get(path)].flatMap((leaf) => (leaf ? [[path, leaf]] : []))),
    );
    return { outputs, leaves: leaves as Map<string, Tensor> };
  };
  const gradients = (wide: boolean) => () => pullBack(compute(wide), cotangent, wide);
  const rule = { nulls: "null is null", dtype: "float32", torch32: record.grads32 } as const;
  checkGradients(run, "grads32", gradients(false), grads64, float32Tolerance(grad_err32), rule);
  checkGradients(run, "grads64", gradients(true), grads64, float64Tolerance, {
    nulls: "null is null",
    dtype: "float64",
  });
  if (hvp64 === undefined || v === undefined) return;
  const second = () => hessianProduct(compute(true), cotangent, v);
  checkGradients(run, "hvp64", second, hvp64, float64Tolerance, { nulls: "null is zero", dtype: "float64" });
}
