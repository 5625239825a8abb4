import { grad, Tensor } from "tapegrad";
import { type Comparison, compare, describe } from "./compare.ts";
import type { Json, JsonGradients } from "./fixture.ts";
import { Reader } from "./reader.ts";
import type { Tolerance } from "./tolerance.ts";
import type { CaseRun } from "./verdict.ts";

/** Gradients by path; null: the outputs do not depend on it. */
export type Gradients = ReadonlyMap<string, Tensor | null>;

/** Results of a call and what they were computed from. */
export interface Computed {
  /** The results, flattened as torch flattens them. */
  readonly outputs: readonly unknown[];
  /** The tensors that gradients are wanted for, by path. */
  readonly leaves: ReadonlyMap<string, Tensor>;
}

/** The gradients of Σ output·cotangent, as torch.autograd.grad gives them with `allow_unused`. */
export function pullBack(
  { outputs, leaves }: Computed,
  cotangents: readonly Json[],
  wide: boolean,
  createGraph = false,
): Gradients {
  const reader = new Reader(wide);
  const roots: Tensor[] = [];
  const seeds: Tensor[] = [];
  cotangents.forEach((json, i) => {
    const output = outputs[i];
    if (json === null || !(output instanceof Tensor) || !output.requiresGrad) return;
    roots.push(output);
    seeds.push((reader.value(json) as Tensor).to(output.dtype));
  });
  return gradientsOf(roots, leaves, seeds, createGraph);
}

/** The product of the second derivatives of Σ output·cotangent with a direction: the gradient of Σ ⟨gradient, v⟩. */
export function hessianProduct(computed: Computed, cotangents: readonly Json[], v: JsonGradients): Gradients {
  const reader = new Reader(true);
  const first = pullBack(computed, cotangents, true, true);
  const terms = [...first].flatMap(([path, gradient]) => {
    const direction = v[path];
    return gradient?.requiresGrad && direction ? [gradient.mul(reader.value(direction) as Tensor).sum()] : [];
  });
  const none = terms.map(() => null); // scalars, whose gradient to start from is 1
  return gradientsOf(terms, computed.leaves, none, false);
}

function gradientsOf(
  roots: readonly Tensor[],
  leaves: ReadonlyMap<string, Tensor>,
  seeds: readonly (Tensor | null)[],
  createGraph: boolean,
): Gradients {
  const paths = [...leaves.keys()];
  const wanted = [...leaves.values()];
  const found =
    roots.length === 0 ? wanted.map(() => null) : grad(roots, wanted, seeds, { allowUnused: true, createGraph });
  return new Map(paths.map((path, i) => [path, found[i] ?? null]));
}

/** How gradients are compared. */
export interface GradientRule {
  /** Whether a gradient that is missing may stand for zeros. */
  readonly nulls: "null is null" | "null is zero";
  /** What they must be computed in. */
  readonly dtype: "float32" | "float64";
  /** Torch's own float32 gradients. */
  readonly torch32?: JsonGradients | undefined;
}

/** Checks gradients against torch's, path by path. */
export function checkGradients(
  run: CaseRun,
  name: string,
  compute: () => Gradients,
  wanted: JsonGradients,
  tolerance: Tolerance,
  rule: GradientRule,
): void {
  let found: Gradients | undefined;
  run.check(name, () => {
    found = compute();
    return null;
  });
  if (found === undefined) return;
  for (const [path, want] of Object.entries(wanted)) {
    const got = found.get(path) ?? null;
    run.check(`${name} ${path}`, () => compareGradient(got, want, rule.torch32?.[path], tolerance, rule));
  }
}

function compareGradient(
  got: Tensor | null,
  want: Json,
  torch32: Json | undefined,
  tolerance: Tolerance,
  { nulls, dtype }: GradientRule,
): Comparison {
  if (want !== null && got !== null) {
    return compare(got, { value: want, dtypes: inDType(want, dtype), torch32 }, tolerance);
  }
  const present = (got ?? (want === null ? null : new Reader(true).value(want))) as Tensor | null;
  const nothing = present === null || (nulls === "null is zero" && isZero(present, tolerance.float64));
  if (nothing) return { error: 0, mismatch: null };
  const wanted = want === null ? "nothing" : describe(present);
  return { error: Number.POSITIVE_INFINITY, mismatch: { got: describe(got), want: wanted, difference: "form" } };
}

const isZero = (tensor: Tensor, tolerance: number): boolean =>
  tensor.toArray().every((element) => Math.abs(element) <= tolerance);

/** A tensor of the truth with the dtype that a gradient must have. */
function inDType(want: Json, dtype: string): Json {
  return typeof want === "object" && want !== null && !Array.isArray(want) ? { ...want, t: dtype } : want;
}
