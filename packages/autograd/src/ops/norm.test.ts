import type { ErrorCode } from "@tapegrad/tensor";
import { describe, expect, it } from "vitest";
import { tensor, zeros } from "../creation.ts";
import { grad } from "../engine.ts";
import type { TensorFunction } from "../gradcheck.ts";
import type { Tensor } from "../tensor.ts";
import { checkGradients, counted, type Golden, leaf, mismatch } from "./__fixtures__/golden.ts";
import { mul, remainder, sub } from "./arithmetic.ts";
import { at, slice } from "./at.ts";
import { clone, double, float, int } from "./cast.ts";
import * as ops from "./norm.ts";
import { permute } from "./shape.ts";

/** Whole numbers without a pattern: factor · i mod modulus, less shift. */
const mixed = (shape: number[], factor: number, modulus: number, shift: number): Tensor =>
  double(sub(remainder(mul(counted(...shape), factor), modulus), shift));
const vector = (...values: number[]): Tensor => tensor(Float64Array.from(values));

const x = mixed([2, 4, 3], 7, 11, 5);
const images = mixed([3, 2, 2, 2], 5, 13, 6);
const weight = vector(1, 2, -1, 0.5);
const bias = vector(0, 1, 2, -3);
const [weight3, bias3] = [at(weight, slice(0, 3)), at(bias, slice(0, 3))];
const [weight2, bias2] = [at(weight, slice(0, 2)), at(bias, slice(1, 3))];
const running = (): [Tensor, Tensor] => [vector(0.5, -1), vector(2, 0.25)];
const [mean, variance] = running();

const calls: Readonly<Record<string, () => Tensor>> = {
  layerNorm: () => ops.layerNorm(x, 3, weight3, bias3),
  "layerNorm of two dimensions": () => ops.layerNorm(x, [4, 3], null, null, 0.5),
  "layerNorm, bias only": () => ops.layerNorm(x, [3], null, bias3),
  "layerNorm of nothing": () => ops.layerNorm(zeros(2, 0), 0),
  batchNorm: () => ops.batchNorm(images, null, null, weight2, bias2, true),
  "batchNorm of vectors": () => ops.batchNorm(at(x, 0), null, null, null, null, true, 0.1, 0.5),
  "batchNorm, evaluation": () => ops.batchNorm(images, mean, variance, weight2, bias2),
  "batchNorm, bias only": () => ops.batchNorm(images, mean, variance, null, bias2),
  "batchNorm of nothing": () => ops.batchNorm(at(images, slice(0, 0)), null, null, weight2, bias2, true),
  instanceNorm: () => ops.instanceNorm(images, null, null, weight2, bias2),
  "instanceNorm, running": () => ops.instanceNorm(images, mean, variance, null, null, false),
  groupNorm: () => ops.groupNorm(x, 2, weight, bias),
  "groupNorm of one group": () => ops.groupNorm(images, 1, null, null, 0.1),
  rmsNorm: () => ops.rmsNorm(x, [4, 3]),
  "rmsNorm, weight": () => ops.rmsNorm(x, 3, weight3, 0.5),
  normalize: () => ops.normalize(images),
  "normalize, order 3": () => ops.normalize(x, { p: 3, dim: 2 }),
  "normalize of zeros": () => ops.normalize(zeros(2, 2)),
  "normalize, the largest": () => ops.normalize(x, { p: Number.POSITIVE_INFINITY, dim: -1 }),
  "normalize, all": () => ops.normalize(at(x, 0), { p: 1, dim: [0, 1] }),
};

/** What torch gives in float64. */
const golden: Readonly<Record<keyof typeof calls, Golden>> = {
  layerNorm: [
    [2, 4, 3],
    [
      -1.16247568053, 3.55744649716, 2.11624756805, 1.22474429729, 1, 3.22474429729, 1.22474429729, 1, 3.22474429729,
      1.22474429729, 1, 3.22474429729, 0.116247568053, -1.55744649716, 0.837524319472, 0.116247568053, -1.55744649716,
      0.837524319472, 0.116247568053, -1.55744649716, 0.837524319472, 0.116247568053, -1.55744649716, 0.837524319472,
    ],
  ],
  "layerNorm of two dimensions": [
    [2, 4, 3],
    [
      -1.3470846568, 0.710281000858, -0.465356517804, 1.59200913985, 0.416371621193, -0.759265897469, 1.29809976019,
      0.122462241527, -1.05317527713, 1.00419038052, -0.171447138138, -1.3470846568, 0.580557795366, -0.68611375816,
      1.53056146051, 0.263889906985, -1.00278164654, 1.21389357213, -0.0527779813969, -1.31944953492, 0.897225683748,
      -0.369445869778, -1.6361174233, 0.580557795366,
    ],
  ],
  "layerNorm, bias only": [
    [2, 4, 3],
    [
      -1.16247568053, 2.27872324858, 1.88375243195, 1.22474429729, 1, 0.775255702707, 1.22474429729, 1, 0.775255702707,
      1.22474429729, 1, 0.775255702707, 0.116247568053, -0.27872324858, 3.16247568053, 0.116247568053, -0.27872324858,
      3.16247568053, 0.116247568053, -0.27872324858, 3.16247568053, 0.116247568053, -0.27872324858, 3.16247568053,
    ],
  ],
  "layerNorm of nothing": [[2, 0], []],
  batchNorm: [
    [3, 2, 2, 2],
    [
      -0.362181604185, 0.935134209325, 2.23245002283, 0.156744721219, 2.09196006298, 4.85076195235, 0.436678929357,
      3.19548081873, -0.102718441483, 1.19459737203, 2.49191318554, 0.416207883921, 2.64372044085, -1.77036258214,
      0.988439307231, 3.7472411966, 0.156744721219, 1.45406053473, 2.75137634824, 0.675671046623, 3.19548081873,
      -1.21860220426, 1.54019968511, 4.29900157447,
    ],
  ],
  "batchNorm of vectors": [
    [4, 3],
    [
      -1.6776983682, 1.13389341903, 1.13389341903, 0.807780695802, 0.377964473009, 0.377964473009, 0.559232789401,
      -0.377964473009, -0.377964473009, 0.310684883001, -1.13389341903, -1.13389341903,
    ],
  ],
  "batchNorm, evaluation": [
    [3, 2, 2, 2],
    [
      -3.59618258727, -0.0606575201393, 3.47486754699, -2.18197256042, 9.9998400048, 29.9994400168, -1.9999200024,
      17.9996800096, -2.88907757384, 0.646447493287, 4.18197256042, -1.47486754699, 13.9997600072, -17.999600012, 2,
      21.999600012, -2.18197256042, 1.35355250671, 4.88907757384, -0.767762533566, 17.9996800096, -13.9996800096,
      5.9999200024, 25.9995200144,
    ],
  ],
  "batchNorm, bias only": [
    [3, 2, 2, 2],
    [
      -3.59618258727, -0.0606575201393, 3.47486754699, -2.18197256042, 5.9999200024, 15.9997200084, 3.99988000401e-5,
      9.9998400048, -2.88907757384, 0.646447493287, 4.18197256042, -1.47486754699, 7.9998800036, -7.999800006, 2,
      11.999800006, -2.18197256042, 1.35355250671, 4.88907757384, -0.767762533566, 9.9998400048, -5.9998400048,
      3.9999600012, 13.9997600072,
    ],
  ],
  "batchNorm of nothing": [[0, 2, 2, 2], []],
  instanceNorm: [
    [3, 2, 2, 2],
    [
      -0.128329232071, 1.19911692331, 2.52656307868, 0.40264923008, 1.31400606296, 4.74397574818, -0.743975748177,
      2.68599393704, -0.128329232071, 1.19911692331, 2.52656307868, 0.40264923008, 3.19470153984, -1.05312615737,
      1.60176615339, 4.25665846414, -0.128329232071, 1.19911692331, 2.52656307868, 0.40264923008, 3.19470153984,
      -1.05312615737, 1.60176615339, 4.25665846414,
    ],
  ],
  "instanceNorm, running": [
    [3, 2, 2, 2],
    [
      -4.59618258727, -1.06065752014, 2.47486754699, -3.18197256042, 3.9999200024, 13.9997200084, -1.9999600012,
      7.9998400048, -3.88907757384, -0.353552506713, 3.18197256042, -2.47486754699, 5.9998800036, -9.999800006, 0,
      9.999800006, -3.18197256042, 0.353552506713, 3.88907757384, -1.76776253357, 7.9998400048, -7.9998400048,
      1.9999600012, 11.9997600072,
    ],
  ],
  groupNorm: [
    [2, 4, 3],
    [
      -1.39305144563, 0.696525722814, -0.497518373438, 4.18411759001, 1.7960293975, -0.592058795003, 0.638030788578,
      1.84867008762, 3.05930938666, -2.47034530667, -3.07566495619, -3.68098460571, 0.286298998194, -1.08793619314,
      1.31697539169, 0.885480400723, -1.86298998194, 2.94683318772, 1.71370100181, 3.08793619314, 0.683024608309,
      -3.02862989982, -3.71574749548, -2.51329170307,
    ],
  ],
  "groupNorm of one group": [
    [3, 2, 2, 2],
    [
      -1.58361413113, -0.290867901636, 1.00187832786, -1.06651563933, 0.226230590161, 1.51897681966, -0.549417147535,
      0.743329081959, -1.18791827403, 0.131990919337, 1.45190011271, -0.659954596686, 0.659954596686, -1.45190011271,
      -0.131990919337, 1.18791827403, -1.18791827403, 0.131990919337, 1.45190011271, -0.659954596686, 0.659954596686,
      -1.45190011271, -0.131990919337, 1.18791827403,
    ],
  ],
  rmsNorm: [
    [2, 4, 3],
    [
      -1.490711985, 0.596284794, -0.596284794, 1.490711985, 0.298142397, -0.894427191, 1.192569588, 0, -1.192569588,
      0.894427191, -0.298142397, -1.490711985, 0.648885684523, -0.648885684523, 1.62221421131, 0.324442842262,
      -0.973328526785, 1.29777136905, 0, -1.29777136905, 0.973328526785, -0.324442842262, -1.62221421131,
      0.648885684523,
    ],
  ],
  "rmsNorm, weight": [
    [2, 4, 3],
    [
      -1.47441956155, 1.17953564924, 0.58976782462, 1.4334554477, 0.573382179081, 0.860073268621, 1.19701120333, 0,
      1.19701120333, 0.860073268621, -0.573382179081, 1.4334554477, 0.58976782462, -1.17953564924, -1.47441956155,
      0.330289129538, -1.98173477723, -1.32115651815, 0, -2.69170633964, -1.00938987737, -0.308606699924,
      -3.08606699924, -0.617213399848,
    ],
  ],
  normalize: [
    [3, 2, 2, 2],
    [
      -0.986393923832, -0.164398987305, 0.894427191, -0.8, 0.164398987305, 0.986393923832, -0.4472135955, 0.6,
      -0.928476690885, 0, 0.980580675691, -0.6, 0.371390676354, -1, -0.196116135138, 0.8, -0.8, 0.196116135138, 1,
      -0.371390676354, 0.6, -0.980580675691, 0, 0.928476690885,
    ],
  ],
  "normalize, order 3": [
    [2, 4, 3],
    [
      -0.960646563389, 0.384258625356, -0.384258625356, 0.934844823134, 0.186968964627, -0.56090689388, 0.793700525984,
      0, -0.793700525984, 0.56090689388, -0.186968964627, -0.934844823134, 0.384258625356, -0.384258625356,
      0.960646563389, 0.221515467992, -0.664546403975, 0.886061871966, 0, -0.889295703082, 0.666971777312,
      -0.19541822634, -0.977091131701, 0.39083645268,
    ],
  ],
  "normalize of zeros": [
    [2, 2],
    [0, 0, 0, 0],
  ],
  "normalize, the largest": [
    [2, 4, 3],
    [-1, 0.4, -0.4, 1, 0.2, -0.6, 1, 0, -1, 0.6, -0.2, -1, 0.4, -0.4, 1, 0.25, -0.75, 1, 0, -1, 0.75, -0.2, -1, 0.4],
  ],
  "normalize, all": [
    [4, 3],
    [
      -0.142857142857, 0.0571428571429, -0.0571428571429, 0.142857142857, 0.0285714285714, -0.0857142857143,
      0.114285714286, 0, -0.114285714286, 0.0857142857143, -0.0285714285714, -0.142857142857,
    ],
  ],
};

it.each(Object.entries(calls))("%s", (name, call) => {
  expect(mismatch(call(), golden[name]!, 1e-11)).toBeNull();
});

describe("running statistics", () => {
  it("move on in place, unrecorded, with the unbiased variance", () => {
    const [runningMean, runningVar] = running();
    const found = ops.batchNorm(leaf(...images.shape), runningMean, runningVar, null, null, true, 0);
    expect([runningMean.tolist(), runningVar.tolist()]).toEqual(running().map((statistic) => statistic.tolist()));
    ops.batchNorm(images, runningMean, runningVar, null, null, true, 0.3);
    expect(mismatch(runningMean, [[2], [0.125, -0.45]], 1e-14)).toBeNull();
    expect(mismatch(runningVar, [[2], [6.261363636363635, 4.475]], 1e-14)).toBeNull();
    expect([runningMean.requiresGrad, found.requiresGrad, runningMean.version]).toEqual([false, true, 2]);
  });

  it("are computed in double precision for float32", () => {
    const [runningMean, runningVar] = running().map(float) as [Tensor, Tensor];
    ops.batchNorm(float(images), runningMean, runningVar, null, null, true, 0.3);
    expect(runningMean.tolist()).toEqual([0.125, -0.45].map(Math.fround));
    expect(runningVar.tolist()).toEqual([6.261363636363635, 4.475].map(Math.fround));
  });

  it("of instances move on by the mean over the images", () => {
    const [runningMean, runningVar] = running();
    ops.instanceNorm(images, runningMean, runningVar, null, null, true, 0.3);
    expect(mismatch(runningMean, [[2], [0.125, -0.45]], 1e-14)).toBeNull();
    expect(mismatch(runningVar, [[2], [7.075, 5.091666666666667]], 1e-14)).toBeNull();
  });

  it("stay as they are in evaluation", () => {
    const [runningMean, runningVar] = running();
    ops.batchNorm(images, runningMean, runningVar);
    expect([runningMean.version, runningVar.version]).toEqual([0, 0]);
  });
});

const turned = (input: Tensor): Tensor => permute(input, [1, 0, 2]);
const norms: Readonly<Record<string, readonly [TensorFunction, readonly Tensor[]]>> = {
  layerNorm: [(a, w, b) => ops.layerNorm(a!, 3, w!, b!), [leaf(2, 3), leaf(3), leaf(3)]],
  "layerNorm without weight": [(a) => ops.layerNorm(a!, [2, 2]), [leaf(2, 2, 2)]],
  "layerNorm of a transposed input": [(a, w) => ops.layerNorm(turned(a!), [2, 2], w!), [leaf(2, 1, 2), leaf(2, 2)]],
  "batchNorm, training": [(a, w, b) => ops.batchNorm(a!, null, null, w!, b!, true), [leaf(3, 2, 2), leaf(2), leaf(2)]],
  "batchNorm without weight": [(a) => ops.batchNorm(a!, null, null, null, null, true), [leaf(3, 2)]],
  "batchNorm of a transposed input": [
    (a, b) => ops.batchNorm(turned(a!), null, null, null, b!, true),
    [leaf(2, 3, 1), leaf(2)],
  ],
  "batchNorm, evaluation": [
    (a, w, b) => ops.batchNorm(a!, mean, vector(2, 0.25), w!, b!),
    [leaf(2, 2, 2), leaf(2), leaf(2)],
  ],
  instanceNorm: [(a, w) => ops.instanceNorm(a!, null, null, w!), [leaf(2, 2, 3), leaf(2)]],
  groupNorm: [(a, w, b) => ops.groupNorm(a!, 2, w!, b!), [leaf(2, 4, 2), leaf(4), leaf(4)]],
  rmsNorm: [(a, w) => ops.rmsNorm(a!, [3], w!), [leaf(2, 3), leaf(3)]],
  normalize: [(a) => ops.normalize(a!), [leaf(2, 3)]],
};

it.each(Object.entries(norms))("%s has the gradients of finite differences, to second order", (_, [fn, inputs]) => {
  expect(checkGradients(fn, inputs)).toBe(true);
});

it.each(Object.entries(norms))("%s has the same gradients by fused kernels as by ops", (_, [fn, inputs]) => {
  const found = fn(...inputs) as Tensor;
  const start = leaf(...found.shape);
  const fused = grad(found, inputs, [start], { retainGraph: true });
  const composed = grad(found, inputs, [start], { createGraph: true });
  fused.forEach((gradient, i) => {
    expect(mismatch(gradient, [composed[i]!.shape, [...composed[i]!.toArray()]], 1e-13)).toBeNull();
  });
});

it("does not see the strides of its input", () => {
  const view = permute(images, [1, 0, 3, 2]);
  const three = vector(1, 2, 3);
  const forms: ((input: Tensor) => Tensor)[] = [
    (input) => ops.layerNorm(input, [2, 2]),
    (input) => ops.batchNorm(input, null, null, three, three, true),
    (input) => ops.groupNorm(input, 3),
  ];
  for (const form of forms) expect(form(view).tolist()).toEqual(form(clone(view)).tolist());
});

const refused: Readonly<Record<string, readonly [() => unknown, ErrorCode, RegExp]>> = {
  "layerNorm of another shape": [
    () => ops.layerNorm(x, [4]),
    "shape_mismatch",
    /^layerNorm: the input does not end[\s\S]*normalizedShape {2}\[4\]/,
  ],
  "layerNorm of no dimensions": [() => ops.layerNorm(x, []), "invalid_shape", /at least one dimension/],
  "layerNorm, another weight": [() => ops.layerNorm(x, 3, weight), "shape_mismatch", /weight does not have the shape/],
  "layerNorm, another bias": [() => ops.layerNorm(x, 3, null, weight), "shape_mismatch", /bias does not have/],
  "layerNorm of integers": [() => ops.layerNorm(int(x), 3), "invalid_dtype", /must be floating-point/],
  "layerNorm, another dtype": [() => ops.layerNorm(float(x), 3, weight3), "invalid_dtype", /dtypes differ/],
  "batchNorm of one value": [
    () => ops.batchNorm(zeros(1, 3, 1), null, null, null, null, true),
    "invalid_shape",
    /more than one value per channel/,
  ],
  "batchNorm without statistics": [() => ops.batchNorm(x, null, null), "invalid_argument", /training = true/],
  "batchNorm of half the statistics": [() => ops.batchNorm(x, weight, null), "invalid_argument", /go together/],
  "batchNorm of other channels": [
    () => ops.batchNorm(images, weight, weight),
    "shape_mismatch",
    /runningMean does not have one element for each channel/,
  ],
  "batchNorm of a vector": [() => ops.batchNorm(weight, null, null), "invalid_shape", /\[N, C, \.\.\.\]/],
  "instanceNorm of one value": [() => ops.instanceNorm(zeros(2, 3, 1)), "invalid_shape", /per channel and image/],
  "instanceNorm without statistics": [
    () => ops.instanceNorm(x, null, null, null, null, false),
    "invalid_argument",
    /running statistics are needed/,
  ],
  "groupNorm of groups that do not divide": [() => ops.groupNorm(x, 3), "invalid_argument", /must divide/],
  "groupNorm of one value": [() => ops.groupNorm(zeros(1, 6), 6), "invalid_shape", /more than one value per group/],
  "groupNorm, another weight": [() => ops.groupNorm(x, 2, weight2), "shape_mismatch", /weight does not have one/],
  "rmsNorm, another weight": [() => ops.rmsNorm(x, 3, weight), "shape_mismatch", /^rmsNorm: the weight/],
};

it.each(Object.entries(refused))("refuses %s", (_, [call, code, message]) => {
  expect(call).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }));
});

it("batchNorm takes a vector without elements, as torch", () => {
  expect(ops.batchNorm(zeros(0), zeros(0), zeros(0)).shape).toEqual([0]);
});
