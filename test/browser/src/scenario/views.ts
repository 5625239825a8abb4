import { arange, type Tensor } from "tapegrad";
import { type Packed, pack } from "../packed.ts";

/** Arithmetic on operands that do not lie row-major, or broadcast: each dtype, few elements and many. */
export function strided(): Record<string, Packed> {
  const results: Record<string, Packed> = {};
  for (const size of [3, 40]) {
    for (const dtype of ["float32", "float64", "int32"] as const) {
      const a = arange(size * size, { dtype }).reshape([size, size]);
      const name = `${dtype}, ${size} x ${size}`;
      results[`transposed, ${name}`] = pack(a.add(a.t()));
      results[`backwards, ${name}`] = pack(a.flip(0).mul(a));
      results[`broadcast, ${name}`] = pack(column(a).sub(a.select(0, 1)));
      results[`summed, ${name}`] = pack(a.t().sum(0));
    }
  }
  return results;
}

function column(a: Tensor): Tensor {
  return a.narrow(1, 0, 1);
}
