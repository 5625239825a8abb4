import { describe, expect, it } from "vitest";
import type { DType } from "../dtype.ts";
import { NDArray } from "../ndarray.ts";
import { allClose } from "../testing.ts";
import { layerNorm, layerNormBackward, layerNormBackwardAffine } from "./norm.ts";
import { channelMoments, channelNorm, channelNormBackward, channelNormSums, inverseDeviation } from "./normChannels.ts";

const sides = [
  ["js", "float64", 1e-8],
  ["js", "float32", 2e-6],
  ["wasm", "float32", 2e-6],
] as const;

/** Arrays of one dtype, and whether they are close to what torch has in float64. */
const tools = (dtype: DType, tolerance: number) => ({
  of: (values: number[], ...shape: number[]): NDArray => NDArray.of(values, shape, dtype),
  blank: (...shape: number[]): NDArray => NDArray.zeros(shape, dtype),
  close: (actual: NDArray, expected: number[]): void => {
    const near = allClose(actual, expected, { rtol: tolerance, atol: 4 * tolerance });
    expect({ near, actual: [...actual.data] }).toEqual({ near: true, actual: [...actual.data] });
  },
});

// results of torch.nn.functional.layer_norm(x, [3], weight, bias, 1e-3) and of autograd
describe.each(sides)("layer normalisation as torch computes it (%s, %s)", (side, dtype, tolerance) => {
  const { of, blank, close } = tools(dtype, tolerance);
  const x = of([0.8, 0.17, 0.09, -0.61, 0.05, -1.37], 2, 3);
  const grad = of([1, -2, 0.5, 0.25, 3, -1], 2, 3);
  const weight = of([1.5, -2, 0.5], 3);
  const [mean, rstd] = [of([0.353333333, -0.643333333], 2), of([3.13385367, 1.72101434], 2)];

  it("forwards", () => {
    const [out, m, r] = [blank(2, 3), blank(2), blank(2)];
    layerNorm[side]!(out, m, r, x, weight, of([0.1, 0.2, -0.3], 3), 1e-3);
    close(out, [2.19968196, 1.34907968, -0.712624067, 0.186050717, -2.18647321, -0.925301875]);
    close(m, [0.353333333, -0.643333333]);
    close(r, [3.13385367, 1.72101434]);
  });

  it("gives gradients", () => {
    const [out, gradWeight, gradBias] = [blank(2, 3), blank(3), blank(3)];
    layerNormBackward[side]!(out, grad, x, mean, rstd, weight);
    close(out, [-0.713871622, 6.28591749, -5.57204586, 4.37344711, -2.35430241, -2.0191447]);
    layerNormBackwardAffine[side]!(gradWeight, gradBias, grad, x, mean, rstd);
    close(gradWeight, [1.41412976, 4.7287895, 0.837979684]);
    close(gradBias, [1.25, 1, -0.5]);
  });
});

it("layer normalisation is not disturbed by a large mean", () => {
  for (const side of ["js", "wasm"] as const) {
    const x = NDArray.of([2 ** 20 + 1, 2 ** 20 - 1, 2 ** 20 + 1, 2 ** 20 - 1, 2 ** 20], [1, 5]);
    const [out, mean, rstd] = [NDArray.zeros([1, 5]), NDArray.zeros([1]), NDArray.zeros([1])];
    layerNorm[side]!(out, mean, rstd, x, null, null, 0);
    const unit = Math.sqrt(1.25);
    expect(allClose(out, [unit, -unit, unit, -unit, 0], { rtol: 1e-6, atol: 0 })).toBe(true);
  }
});

// results of torch.nn.functional.batch_norm, running statistics with momentum 1, and of autograd
describe.each(sides)("batch normalisation as torch computes it (%s, %s)", (side, dtype, tolerance) => {
  const { of, blank, close } = tools(dtype, tolerance);
  const x = of([0.34, 1.01, -1.44, 0.98, 0.52, 1.24, -0.86, 0.3, 0.42, -0.08, 0.93, 0.82], 2, 2, 3);
  const grad = of([1, -2, 0.5, 0.25, 3, -1, 2, -1, 1, 0.5, 0, -3], 2, 2, 3);
  const [weight, bias] = [of([1.5, -2], 2), of([0.1, 0.2], 2)];
  const moments = (): [mean: NDArray, rstd: NDArray, variance: NDArray] => {
    const [mean, rstd, variance] = [blank(2), blank(2), blank(2)];
    channelMoments[side]!(mean, variance, x);
    inverseDeviation(rstd, variance, 1e-3);
    return [mean, rstd, variance];
  };

  it("takes statistics, the variance divided by all elements", () => {
    const [mean, , variance] = moments();
    close(mean, [-0.0383333333, 0.735]);
    close(variance, [(0.841296667 * 5) / 6, (0.21415 * 5) / 6]);
  });

  it("forwards", () => {
    const [mean, rstd] = moments();
    const out = blank(2, 2, 3);
    channelNorm[side]!(out, x, mean, rstd, weight, bias);
    close(out, [
      ...[0.77728646, 1.97671006, -2.40924191, -0.956682766, 1.21504814, -2.18418285],
      ...[-1.37093491, 0.705679081, 0.920501218, 4.04774063, -0.720625059, -0.201298103],
    ]);
  });

  it("gives gradients while training", () => {
    const [mean, rstd] = moments();
    const [gradBias, gradWeight, out] = [blank(2), blank(2), blank(2, 2, 3)];
    channelNormSums[side]!(gradBias, gradWeight, grad, x, mean, rstd);
    close(gradWeight, [-4.70520153, -4.1339606]);
    close(gradBias, [1.5, -0.25]);
    channelNormBackward[side]!(out, grad, x, mean, rstd, weight, { gradBias, gradWeight });
    close(out, [
      ...[1.97651668, -2.27148571, -1.90087533, -3.25825771, -12.7092805, 0.646751714],
      ...[1.75616198, -1.67087024, 2.11055262, 3.70075858, -1.6940397, 13.3140676],
    ]);
  });

  it("forwards and gives gradients with running statistics", () => {
    const [mean, variance, rstd] = [of([0.5, -1], 2), of([2, 0.25], 2), blank(2)];
    inverseDeviation(rstd, variance, 1e-3);
    const [y, out] = [blank(2, 2, 3), blank(2, 2, 3)];
    channelNorm[side]!(y, x, mean, rstd, weight, bias);
    close(y, [
      ...[-0.069663217, 0.640801504, -1.95716651, -7.70420736, -5.86787636, -8.74213358],
      ...[-1.34213734, -0.112079021, 0.0151683915, -3.47266201, -7.50460617, -7.06548353],
    ]);
    channelNormBackward(out, grad, x, mean, rstd, weight, null);
    close(out, [
      ...[1.06039511, -2.12079021, 0.530197553, -0.99800598, -11.9760718, 3.99202392],
      ...[2.12079021, -1.06039511, 1.06039511, -1.99601196, 0, 11.9760718],
    ]);
  });
});
