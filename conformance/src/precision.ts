import { Tensor } from "tapegrad";
import { flattened } from "./compare.ts";
import type { CaseRecord, Json } from "./fixture.ts";
import { elementsOf, isJsonTensor } from "./reader.ts";
import { largestError, ulp } from "./tolerance.ts";
import type { Precision } from "./verdict.ts";

/**
 * Our float32 error and torch's, both against the float64 truth, in ulps of each result's largest magnitude; the worst of a
 * case's results. Null where there is nothing to compare, or where the two truths differ by more than rounding.
 */
export function precisionOf(got: unknown, { out32, out64, err32 }: CaseRecord): Precision | null {
  if (out32 === undefined || out64 === undefined || err32 !== undefined) return null;
  const [torch, truth] = [leavesOf(out32), leavesOf(out64)];
  const mine = flattened(got, out64);
  let worst: Precision | null = null;
  truth.forEach((want, i) => {
    const theirs = torch[i];
    const ours = mine[i];
    if (!isJsonTensor(want) || !isJsonTensor(theirs) || theirs.t !== "float32" || want.data.length === 0) return;
    if (!(ours instanceof Tensor) || ours.dtype !== "float32" || ours.numel() !== want.data.length) return;
    const exact = elementsOf(want);
    const errors = [ours.toArray(), elementsOf(theirs)].map(
      (result) => largestError(result, exact).error / ulp.float32,
    );
    const [a = 0, b = 0] = errors;
    if (!Number.isFinite(a + b)) return;
    worst = { ours: Math.max(worst?.ours ?? 0, a), torch: Math.max(worst?.torch ?? 0, b) };
  });
  return worst;
}

/** The parts of a result of the fixtures, depth first. */
function leavesOf(json: Json): unknown[] {
  return flattened(unpacked(json), json);
}

/** Tuples as plain lists. */
function unpacked(json: Json): unknown {
  if (Array.isArray(json)) return json.map(unpacked);
  if (typeof json === "object" && json !== null && "tuple" in json) return unpacked((json as { tuple: Json }).tuple);
  return json;
}
