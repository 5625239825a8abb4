import { describe, expect, it } from "vitest";
import type { DType } from "../dtype.ts";
import { NDArray } from "../ndarray.ts";
import { ulpDistance } from "../testing.ts";
import type { Binary, Unary } from "./elementwise/define.ts";
import * as k from "./elementwise.ts";

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

// what PyTorch 2.13 gives in float64, rounded to float32
const ARGUMENTS = "NaN inf -inf 0 -0 1 -1 2.5 -2.5 0.5 -0.75 1.5 3e38 1e-45 -1e-39 89 -100";
const RESULTS = `
neg NaN -inf inf -0 0 -1 1 -2.5 2.5 -0.5 0.75 -1.5 -3e+38 -1e-45 1e-39 -89 100
abs NaN inf inf 0 0 1 1 2.5 2.5 0.5 0.75 1.5 3e+38 1e-45 1e-39 89 100
sign 0 1 -1 0 0 1 -1 1 -1 1 -1 1 1 1 -1 1 -1
exp NaN inf 0 1 1 2.7182817 0.36787945 12.182494 0.082085 1.6487212 0.47236654 4.481689 inf 1 1 inf 3.8e-44
exp2 NaN inf 0 1 1 2 0.5 5.656854 0.17677669 1.4142135 0.59460354 2.828427 inf 1 1 6.1897002e+26 7.888609e-31
expm1 NaN inf -1 0 -0 1.7182819 -0.63212055 11.182494 -0.917915 0.6487213 -0.5276334 3.481689 inf 1e-45 -1e-39 inf -1
log NaN inf NaN -inf -inf 0 NaN 0.91629076 NaN -0.6931472 NaN 0.4054651 88.59685 -103.27893 NaN 4.4886365 NaN
log1p NaN inf NaN 0 -0 0.6931472 -inf 1.2527629 NaN 0.4054651 -1.3862944 0.91629076 88.59685 1e-45 -1e-39 4.4998097 NaN
log2 NaN inf NaN -inf -inf 0 NaN 1.3219281 NaN -1 NaN 0.5849625 127.81823 -149 NaN 6.4757333 NaN
log10 NaN inf NaN -inf -inf 0 NaN 0.39794 NaN -0.30103 NaN 0.17609125 38.47712 -44.85347 NaN 1.94939 NaN
sqrt NaN inf NaN 0 -0 1 NaN 1.5811388 NaN 0.70710677 NaN 1.2247449 1.7320508e+19 3.743392e-23 NaN 9.433981 NaN
rsqrt NaN 0 NaN inf -inf 1 NaN 0.6324555 NaN 1.4142135 NaN 0.8164966 5.773503e-20 2.6713738e+22 NaN 0.10599979 NaN
reciprocal NaN 0 -0 inf -inf 1 -1 0.4 -0.4 2 -1.3333334 0.6666667 3.333333e-39 inf -inf 0.011235955 -0.01
square NaN inf inf 0 0 1 1 6.25 6.25 0.25 0.5625 2.25 inf 0 0 7921 10000
sin NaN NaN NaN 0 -0 0.84147096 -0.84147096 0.5984721 -0.5984721 0.47942555 -0.6816388 0.997495 0.8749049 1e-45 -1e-39 0.8600694 0.50636566
cos NaN NaN NaN 1 1 0.5403023 0.5403023 -0.8011436 -0.8011436 0.87758255 0.73168886 0.0707372 -0.48429477 1 1 0.510177 0.8623189
tan NaN NaN NaN 0 -0 1.5574077 -1.5574077 -0.7470223 0.7470223 0.5463025 -0.93159646 14.10142 -1.8065544 1e-45 -1e-39 1.6858253 0.58721393
asin NaN NaN NaN 0 -0 1.5707964 -1.5707964 NaN NaN 0.5235988 -0.8480621 NaN NaN 1e-45 -1e-39 NaN NaN
acos NaN NaN NaN 1.5707964 1.5707964 0 3.1415927 NaN NaN 1.0471976 2.4188583 NaN NaN 1.5707964 1.5707964 NaN NaN
atan NaN 1.5707964 -1.5707964 0 -0 0.7853982 -0.7853982 1.19029 -1.19029 0.4636476 -0.6435011 0.98279375 1.5707964 1e-45 -1e-39 1.5595609 -1.5607966
sinh NaN inf -inf 0 -0 1.1752012 -1.1752012 6.0502043 -6.0502043 0.5210953 -0.8223167 2.1292794 inf 1e-45 -1e-39 2.2448064e+38 -inf
cosh NaN inf inf 1 1 1.5430807 1.5430807 6.1322894 6.1322894 1.127626 1.2946833 2.3524096 inf 1 1 2.2448064e+38 inf
tanh NaN 1 -1 0 -0 0.7615942 -0.7615942 0.9866143 -0.9866143 0.46211717 -0.63514894 0.90514827 1 1e-45 -1e-39 1 -1
asinh NaN inf -inf 0 -0 0.8813736 -0.8813736 1.6472311 -1.6472311 0.4812118 -0.6931472 1.1947632 89.28999 1e-45 -1e-39 5.181815 -5.298342
acosh NaN inf NaN NaN NaN 0 NaN 1.5667993 NaN NaN NaN 0.9624236 89.28999 NaN NaN 5.181752 NaN
atanh NaN NaN NaN 0 -0 inf -inf NaN NaN 0.54930615 -0.97295505 NaN NaN 1e-45 -1e-39 NaN NaN
sigmoid NaN 1 0 0.5 0.5 0.7310586 0.26894143 0.9241418 0.07585818 0.62245935 0.32082132 0.8175745 1 0.5 0.5 1 3.8e-44
relu NaN inf 0 0 -0 1 0 2.5 0 0.5 0 1.5 3e+38 1e-45 0 89 0
erf NaN 1 -1 0 -0 0.8427008 -0.8427008 0.999593 -0.999593 0.5204999 -0.71115565 0.96610516 1 1e-45 -1.128379e-39 1 -1
erfc NaN 0 2 1 1 0.1572992 1.8427008 0.00040695202 1.999593 0.47950011 1.7111557 0.03389485 0 1 1 0 2
erfinv NaN NaN NaN 0 -0 inf -inf NaN NaN 0.47693628 -0.8134198 NaN NaN 1e-45 -8.86227e-40 NaN NaN
floor NaN inf -inf 0 -0 1 -1 2 -3 0 -1 1 3e+38 0 -1 89 -100
ceil NaN inf -inf 0 -0 1 -1 3 -2 1 -0 2 3e+38 1 -0 89 -100
round NaN inf -inf 0 -0 1 -1 2 -2 0 -1 2 3e+38 0 -0 89 -100
trunc NaN inf -inf 0 -0 1 -1 2 -2 0 -0 1 3e+38 0 -0 89 -100
frac NaN NaN NaN 0 0 0 0 0.5 -0.5 0.5 -0.75 0.5 0 1e-45 -1e-39 0 0
lgamma NaN inf inf inf inf 0 inf 0.28468287 -0.056243718 0.5723649 1.5757046 -0.12078224 inf 103.27893 89.80082 309.16418 inf
digamma NaN inf NaN -inf inf -0.5772157 NaN 0.70315665 1.1031567 -1.96351 -2.8941202 0.036489975 88.59685 -inf inf 4.483008 NaN
logicalNot 0 0 0 1 1 0 0 0 0 0 0 0 0 0 0 0 0
isnan 1 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0
isinf 0 1 1 0 0 0 0 0 0 0 0 0 0 0 0 0 0
isfinite 0 0 0 1 1 1 1 1 1 1 1 1 1 1 1 1 1
logSigmoid NaN 0 -inf -0.6931472 -0.6931472 -0.3132617 -1.3132616 -0.078889735 -2.5788898 -0.474077 -1.136871 -0.20141327 0 -0.6931472 -0.6931472 -2.227364e-39 -100
gelu NaN inf NaN 0 -0 0.8413448 -0.15865526 2.4844759 -0.015524163 0.34573123 -0.16997051 1.3997892 3e+38 0 -5e-40 89 -0
geluTanh NaN inf NaN 0 -0 0.841192 -0.15880801 2.4849157 -0.015084266 0.345714 -0.17003945 1.3995715 3e+38 0 -5e-40 89 -0
silu NaN inf NaN 0 -0 0.7310586 -0.26894143 2.3103545 -0.18964545 0.31122968 -0.24061598 1.2263618 3e+38 0 -5e-40 89 -3.72e-42
`;

const read = (word: string): number => Number(word.replace("inf", "Infinity"));
const x = ARGUMENTS.split(" ").map(read);

function apply(kernel: Unary | Binary, out: DType, dtype: DType, ...operands: number[][]): number[] {
  const result = NDArray.zeros([operands[0]!.length], out);
  const args = operands.map((values) => NDArray.of(values, [values.length], dtype));
  (kernel.js as (...all: NDArray[]) => void)(result, ...args);
  return [...result.data];
}

describe("kernels of one operand", () => {
  const table = RESULTS.trim()
    .split("\n")
    .map((line) => line.split(" "));

  it.each(table)("%s has torch's values at its corners", (name, ...words) => {
    const bool = ["logicalNot", "isnan", "isinf", "isfinite"].includes(name);
    const given = apply(k[name as "exp"], bool ? "bool" : "float32", "float32", x);
    const far = given.flatMap((value, i) => {
      const expected = Math.fround(read(words[i]!));
      return ulpDistance(value, expected) <= 1 ? [] : [{ at: x[i], value, expected }];
    });
    expect(far).toEqual([]);
  });

  it("keeps the sign of zero where torch does", () => {
    for (const name of ["sqrt", "sin", "tanh", "expm1", "log1p", "floor", "ceil", "round", "trunc", "relu"] as const) {
      expect(Object.is(apply(k[name], "float32", "float32", [-0])[0], -0)).toBe(true);
    }
  });
});

describe("kernels of two operands", () => {
  const a = [nan, 1, inf, -inf, 0, -0, 0, 5, -5, 5, -5, 7.5, -7.5, 1, -1, -1, inf, 2, 1, nan, 0];
  const b = [1, nan, inf, 1, 0, 0, -0, 3, 3, -3, -3, 2, 2, 0, 0, inf, 2, -inf, nan, 0, -1];

  // what PyTorch 2.13 gives in float32
  it.each([
    ["add", [nan, nan, inf, -inf, 0, 0, 0, 8, -2, 2, -8, 9.5, -5.5, 1, -1, inf, inf, -inf, nan, nan, -1]],
    ["sub", [nan, nan, nan, -inf, 0, -0, 0, 2, -8, 8, -2, 5.5, -9.5, 1, -1, -inf, inf, inf, nan, nan, 1]],
    ["mul", [nan, nan, inf, -inf, 0, -0, -0, 15, -15, -15, 15, 15, -15, 0, -0, -inf, inf, -inf, nan, nan, -0]],
    ["pow", [nan, 1, inf, -inf, 1, 1, 1, 125, -125, 0.008, -0.008, 56.25, 56.25, 1, 1, 1, inf, 0, 1, 1, inf]],
    ["maximum", [nan, nan, inf, 1, 0, 0, 0, 5, 3, 5, -3, 7.5, 2, 1, 0, inf, inf, 2, nan, nan, 0]],
    ["minimum", [nan, nan, inf, -inf, 0, 0, 0, 3, -5, -3, -5, 2, -7.5, 0, -1, -1, 2, -inf, nan, nan, -1]],
    ["fmod", [nan, nan, nan, nan, nan, nan, nan, 2, -2, 2, -2, 1.5, -1.5, nan, nan, -1, nan, 2, nan, nan, 0]],
    ["remainder", [nan, nan, nan, nan, nan, nan, nan, 2, 1, -1, -2, 1.5, 0.5, nan, nan, inf, nan, -inf, nan, nan, 0]],
    ["floorDivide", [nan, nan, nan, nan, nan, nan, nan, 1, -2, -2, 1, 3, -4, inf, -inf, -1, nan, -1, nan, nan, -0]],
    [
      "hypot",
      [
        nan,
        nan,
        inf,
        inf,
        0,
        0,
        0,
        5.8309519,
        5.8309519,
        5.8309519,
        5.8309519,
        7.7620873,
        7.7620873,
        1,
        1,
        inf,
        inf,
        inf,
        nan,
        nan,
        1,
      ],
    ],
  ] as const)("%s has torch's values at its corners", (name, expected) => {
    const given = apply(k[name], "float32", "float32", a, b);
    expect(
      given.map((value, i) => (ulpDistance(value, Math.fround(expected[i]!)) <= 1 ? 0 : [a[i], b[i], value])),
    ).toEqual(expected.map(() => 0));
  });

  it("compares as IEEE does, NaN being unequal to everything", () => {
    const compare = (name: "eq" | "ne" | "lt" | "le" | "gt" | "ge"): number[] =>
      apply(k[name], "bool", "float32", [1, 2, nan, 0, inf], [2, 2, nan, -0, inf]);
    expect(compare("eq")).toEqual([0, 1, 0, 1, 1]);
    expect(compare("ne")).toEqual([1, 0, 1, 0, 0]);
    expect(compare("lt")).toEqual([1, 0, 0, 0, 0]);
    expect(compare("le")).toEqual([1, 1, 0, 1, 1]);
    expect(compare("gt")).toEqual([0, 0, 0, 0, 0]);
    expect(compare("ge")).toEqual([0, 1, 0, 1, 1]);
  });

  it("counts NaN as true", () => {
    const [p, q] = [
      [nan, nan, 0, 2],
      [0, 1, -0, 0],
    ];
    expect(apply(k.logicalAnd, "bool", "float32", p, q)).toEqual([0, 1, 0, 0]);
    expect(apply(k.logicalOr, "bool", "float32", p, q)).toEqual([1, 1, 0, 1]);
    expect(apply(k.logicalXor, "bool", "float32", p, q)).toEqual([1, 0, 0, 1]);
  });
});

describe("integers", () => {
  const a = [5, -5, 5, -5, 2147483647, -2147483648, 7, 0, 2, -2, 1, -1, 3];
  const b = [3, 3, -3, -3, 2, -1, 2, 5, -1, -2, -3, -3, 40];

  // what PyTorch 2.13 gives in int32; −2³¹ divided by −1 overflows there and here
  it.each([
    ["add", [8, -2, 2, -8, -2147483647, 2147483647, 9, 5, 1, -4, -2, -4, 43]],
    ["sub", [2, -8, 8, -2, 2147483645, -2147483647, 5, -5, 3, 0, 4, 2, -37]],
    ["mul", [15, -15, -15, 15, -2, -2147483648, 14, 0, -2, 4, -3, 3, 120]],
    ["pow", [125, -125, 0, 0, 1, 0, 49, 0, 0, 0, 1, -1, 689956897]],
    ["maximum", [5, 3, 5, -3, 2147483647, -1, 7, 5, 2, -2, 1, -1, 40]],
    ["minimum", [3, -5, -3, -5, 2, -2147483648, 2, 0, -1, -2, -3, -3, 3]],
    ["fmod", [2, -2, 2, -2, 1, 0, 1, 0, 0, 0, 1, -1, 3]],
    ["remainder", [2, 1, -1, -2, 1, 0, 1, 0, 0, 0, -2, -1, 3]],
    ["floorDivide", [1, -2, -2, 1, 1073741823, -2147483648, 3, 0, -2, 1, -1, 0, 0]],
  ] as const)("%s has torch's values", (name, expected) => {
    expect(apply(k[name], "int32", "int32", a, b).map((value) => value + 0)).toEqual(expected);
  });

  it("wrap around at 32 bits", () => {
    expect(apply(k.square, "int32", "int32", [65536, 46341])).toEqual([0, -2147479015]);
    expect(apply(k.neg, "int32", "int32", [-2147483648, 5])).toEqual([-2147483648, -5]);
    expect(apply(k.abs, "int32", "int32", [-2147483648, -5])).toEqual([-2147483648, 5]);
  });
});

describe("truth values", () => {
  it("add as or, multiply as and", () => {
    const [p, q] = [
      [1, 1, 0, 0],
      [1, 0, 1, 0],
    ];
    expect(apply(k.add, "bool", "bool", p, q)).toEqual([1, 1, 1, 0]);
    expect(apply(k.mul, "bool", "bool", p, q)).toEqual([1, 0, 0, 0]);
    expect(apply(k.maximum, "bool", "bool", p, q)).toEqual([1, 1, 1, 0]);
    expect(apply(k.minimum, "bool", "bool", p, q)).toEqual([1, 0, 0, 0]);
    expect(apply(k.logicalXor, "bool", "bool", p, q)).toEqual([0, 1, 1, 0]);
  });
});

describe("copy", () => {
  it("converts toward zero to integers and by being 0 to truth values", () => {
    expect(apply(k.copy, "int32", "float32", [2.9, -2.9, 0.5])).toEqual([2, -2, 0]);
    expect(apply(k.copy, "bool", "float32", [2, 0, -0, nan, 0.1])).toEqual([1, 0, 0, 1, 1]);
    expect(apply(k.copy, "bool", "int32", [256, 0, -1])).toEqual([1, 0, 1]);
    expect(apply(k.copy, "float64", "float32", [0.1])).toEqual([Math.fround(0.1)]);
    expect(apply(k.copy, "float32", "bool", [1, 0])).toEqual([1, 0]);
  });

  it("converts to the least integer what is none, as torch does on x86", () => {
    const beyond = [nan, Infinity, -Infinity, 2 ** 31, -(2 ** 31) - 1, 1e300];
    expect(apply(k.copy, "int32", "float64", beyond)).toEqual(beyond.map(() => -(2 ** 31)));
    expect(apply(k.copy, "int32", "float64", [2 ** 31 - 0.5, -(2 ** 31) - 0.5])).toEqual([2 ** 31 - 1, -(2 ** 31)]);
  });
});

describe("fill, where and clamp", () => {
  it("fill any view and nothing beside it", () => {
    const a = NDArray.zeros([3, 3]);
    k.fill(a.step(2, -1), 7);
    expect([...a.data]).toEqual([7, 7, 7, 0, 0, 0, 7, 7, 7]);
    const flags = NDArray.zeros([2], "bool");
    k.fill(flags, 3);
    expect([...flags.data]).toEqual([1, 1]);
  });

  it("choose by condition, broadcasting all three", () => {
    const out = NDArray.zeros([2, 2]);
    k.where(out, NDArray.of([1, 0], [2, 1], "bool"), NDArray.of([1, 2]), NDArray.of([9], []));
    expect([...out.data]).toEqual([1, 2, 9, 9]);
  });

  it("clamp as torch: the upper limit wins, NaN stays, a NaN limit spreads", () => {
    const clamp = (min: number | null, max: number | null): number[] => {
      const out = NDArray.zeros([4]);
      k.clamp(out, NDArray.of([-5, nan, 0, 5]), min, max);
      return [...out.data];
    };
    expect(clamp(-1, 1)).toEqual([-1, nan, 0, 1]);
    expect(clamp(2, 1)).toEqual([1, nan, 1, 1]);
    expect(clamp(null, 0)).toEqual([-5, nan, 0, 0]);
    expect(clamp(0, null)).toEqual([0, nan, 0, 5]);
    expect(clamp(nan, 1)).toEqual([nan, nan, nan, nan]);
  });
});
