import { noGrad, randn, type Tensor, tensor as tensorOf } from "@tapegrad/autograd";
import { fail } from "@tapegrad/tensor";
import { withDefaults } from "../options.ts";
import { drawing } from "./drawing.ts";
import type { GainOptions } from "./scaled.ts";

/**
 * Orthonormal rows, or columns where there are fewer of them, uniform among all such (torch.nn.init.orthogonal_; Saxe et al. 2013).
 *
 * @param tensor at least 2 dimensions; all but the first count as columns
 */
export function orthogonal_<T extends Tensor>(tensor: T, options: GainOptions = {}): T {
  const { gain, generator } = withDefaults("orthogonal_", options, { gain: 1, generator: undefined });
  if (tensor.ndim < 2) fail("invalid_shape", "orthogonal_", "needs at least 2 dimensions", { shape: tensor.shape });
  if (tensor.numel() === 0) return tensor;
  const rows = tensor.shape[0]!;
  const shape = [rows, tensor.numel() / rows];
  const drawn = randn(shape, { dtype: tensor.dtype, ...drawing(generator) });
  const wide = shape[0]! < shape[1]! ? drawn : drawn.t();
  const vectors = tensorOf(orthonormalRows(wide.tolist() as number[][]), { dtype: tensor.dtype });
  const result = shape[0]! < shape[1]! ? vectors : vectors.t();
  noGrad(() => tensor.copy_(result.reshape(tensor.shape).mul(gain)));
  return tensor;
}

/**
 * Rows made orthonormal in their order, each by its component orthogonal to those before: the Q of a QR decomposition of
 * the transpose whose R has a positive diagonal (Gram-Schmidt with reorthogonalisation; Giraud et al. 2005).
 *
 * @param rows at least as long as there are rows, and linearly independent
 */
function orthonormalRows(rows: readonly (readonly number[])[]): number[][] {
  const done: number[][] = [];
  for (const row of rows) {
    const vector = [...row];
    // twice is enough: rounding in the first pass leaves components that the second takes away
    for (let pass = 0; pass < 2; pass++) {
      for (const other of done) {
        const part = dot(vector, other);
        for (let i = 0; i < vector.length; i++) vector[i]! -= part * other[i]!;
      }
    }
    const length = Math.sqrt(dot(vector, vector));
    done.push(vector.map((x) => x / length));
  }
  return done;
}

function dot(a: readonly number[], b: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
