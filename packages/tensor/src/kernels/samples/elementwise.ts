import fc from "fast-check";
import type { NDArray } from "../../ndarray.ts";
import { shapes, values } from "../../testing.ts";
import { elementwise, type KernelSample, largest, output } from "./sample.ts";

const unary: KernelSample = elementwise(1);
const binary: KernelSample = elementwise(2);
const predicate: KernelSample = elementwise(1, { output: "bool" });
const comparison: KernelSample = elementwise(2, { output: "bool" });
/** Integers are equal now and then. */
const equality: KernelSample = elementwise(2, { output: "bool", min: -2, max: 2, dtype: "int32" });
const truths: KernelSample = elementwise(2, { output: "bool", inputs: ["bool", "bool"] });
const integers: KernelSample = elementwise(2, { output: "int32", inputs: ["int32", "int32"] });
/** Far below 0 the digits of a result cancel. */
const cancelling: KernelSample = { ...unary, scale: ([, a]) => largest(a as NDArray) };
/** Slopes are at most about 1: the gradient says how exact a product can be. */
const ofGradient = ([, grad]: readonly unknown[]): number => largest(grad as NDArray);
const backward: KernelSample = { ...elementwise(2, { moderate: [0] }), scale: ofGradient };
/** The results of tanh and sigmoid lie between −1 and 1. */
const ofResult: KernelSample = { ...elementwise(2, { min: -1, max: 1, tame: true, moderate: [0] }), scale: ofGradient };

const smoothness = fc.tuple(values({ min: 0.5, max: 3 }), values({ min: 1, max: 20 }));
const limits = fc.tuple(fc.option(values({ min: -3, max: 1 })), fc.option(values({ min: -1, max: 3 })));

/** Samples of the elementwise kernels. */
export const elementwiseSamples: Readonly<Record<string, KernelSample>> = {
  ...{ neg: unary, abs: unary, sign: unary, square: unary, reciprocal: unary, sqrt: unary, rsqrt: unary },
  ...{ exp: unary, exp2: unary, expm1: unary, log: unary, log1p: unary, log2: unary, log10: unary },
  ...{ sin: unary, cos: unary, tan: unary, asin: unary, acos: unary, atan: unary },
  ...{ sinh: unary, cosh: unary, tanh: unary, asinh: unary, acosh: unary, atanh: unary },
  ...{ erf: unary, erfc: unary, erfinv: unary, lgamma: unary, digamma: unary },
  ...{ floor: unary, ceil: unary, round: unary, trunc: unary, frac: unary },
  ...{ relu: unary, sigmoid: unary, logSigmoid: unary, silu: cancelling, gelu: cancelling, geluTanh: cancelling },
  ...{ add: binary, sub: binary, mul: binary, div: binary, pow: binary, maximum: binary, minimum: binary },
  ...{ fmod: binary, remainder: binary, floorDivide: binary, atan2: binary, hypot: binary },
  ...{ bitwiseAnd: integers, bitwiseOr: integers, bitwiseXor: integers, gcd: integers, lcm: integers },
  ...{ bitwiseLeftShift: integers, bitwiseRightShift: integers },
  bitwiseNot: elementwise(1, { output: "int32", inputs: ["int32"] }),
  ...{ eq: equality, ne: equality, lt: comparison, le: comparison, gt: comparison, ge: comparison },
  ...{ logicalAnd: truths, logicalOr: truths, logicalXor: truths, logicalNot: predicate },
  ...{ isnan: predicate, isinf: predicate, isfinite: predicate },
  ...{ reluBackward: backward, tanhBackward: ofResult, sigmoidBackward: ofResult, logSigmoidBackward: backward },
  ...{ siluBackward: backward, geluBackward: backward, geluTanhBackward: backward },
  softplus: { ...elementwise(1, { numbers: smoothness }), scale: ([, a]) => largest(a as NDArray) + 1 },
  softplusBackward: { ...elementwise(2, { numbers: smoothness, moderate: [0] }), scale: ofGradient },
  copy: unary,
  clamp: elementwise(1, { numbers: limits }),
  where: elementwise(3, { inputs: ["bool"] }),
  fill: { args: shapes().chain((shape) => fc.tuple(output(shape), values())) },
};
