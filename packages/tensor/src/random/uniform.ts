import { fail } from "../errors.ts";
import type { NDArray } from "../ndarray.ts";
import { fma32, fma64 } from "./fma.ts";
import type { Generator } from "./generator.ts";
import { checkTarget, fillSerially } from "./target.ts";

const MAX_FLOAT32 = (2 - 2 ** -23) * 2 ** 127;

/**
 * Fills `out` with x·(to - from) + from, fused, x uniform in [0, 1): 24 bits and one draw in float32, 53 bits and two draws in
 * float64. Where rounding reaches `to`, the number becomes `from`.
 *
 * @param out float32 or float64, any strides; filled in the order of memory
 * @throws TensorError `invalid_argument` unless from ≤ to and their difference is finite in the dtype; `invalid_dtype`, `in_place`
 * @see torch.Tensor.uniform_, torch.rand
 */
export function fillUniform(out: NDArray, from: number, to: number, generator: Generator): void {
  checkTarget("uniform_", out, ["float32", "float64"]);
  const most = out.dtype === "float32" ? MAX_FLOAT32 : Number.MAX_VALUE;
  if (!(Math.abs(from) <= most && Math.abs(to) <= most && from <= to && to - from <= most)) {
    fail("invalid_argument", "uniform_", "needs from ≤ to, and to - from finite", { from, to, dtype: out.dtype });
  }
  if (out.dtype === "float32") fill32(out, Math.fround(from), Math.fround(to), generator);
  else fill64(out, from, to, generator);
}

function fill32(out: NDArray, from: number, to: number, { engine }: Generator): void {
  const { data, offset } = out;
  const end = offset + out.size;
  const width = Math.fround(to - from);
  if (data instanceof Float32Array && out.isContiguous) {
    engine.fillUniform24(data, offset, end);
    if (from === 0 && to === 1) return;
    for (let i = offset; i < end; i++) data[i] = below(to, from, fma32(data[i]!, width, from));
  } else {
    fillSerially(out, () => below(to, from, fma32(engine.uniform24(), width, from)));
  }
}

function fill64(out: NDArray, from: number, to: number, { engine }: Generator): void {
  const { data, offset } = out;
  const end = offset + out.size;
  const width = to - from;
  if (data instanceof Float64Array && out.isContiguous) {
    engine.fillUniform53(data, offset, end);
    if (from === 0 && to === 1) return;
    for (let i = offset; i < end; i++) data[i] = below(to, from, fma64(data[i]!, width, from));
  } else {
    fillSerially(out, () => below(to, from, fma64(engine.uniform53(), width, from)));
  }
}

function below(to: number, from: number, value: number): number {
  return value === to ? from : value;
}
