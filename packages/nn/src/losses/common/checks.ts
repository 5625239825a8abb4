import { resultType, Tensor } from "@tapegrad/autograd";
import { broadcastShapes, fail, isFloating, sameShape } from "@tapegrad/tensor";
import { isStrict } from "./strict.ts";

/** Tensors by the name of their argument. */
export type Named = Readonly<Record<string, Tensor>>;

/** Checks that the arguments are tensors. */
export function checkTensors(where: string, tensors: Readonly<Record<string, unknown>>): void {
  for (const name in tensors) {
    const value = tensors[name];
    if (value instanceof Tensor) continue;
    const found = value === null ? "null" : Array.isArray(value) ? "array" : typeof value;
    fail("invalid_argument", where, `${name} must be a tensor`, { [name]: found }, "tensor(...) makes one");
  }
}

/** Checks that input and target broadcast against each other, and, when strict, that they have one shape. */
export function checkBroadcast(where: string, input: Tensor, target: Tensor, strict: boolean | null): void {
  checkAllBroadcast(where, { input, target }, strict);
}

/** Checks that tensors broadcast against each other, and, when strict, that they have one shape. */
export function checkAllBroadcast(where: string, tensors: Named, strict: boolean | null): void {
  checkTensors(where, tensors);
  const shapes = Object.values(tensors).map(({ shape }) => shape);
  if (shapes.every((shape) => sameShape(shape, shapes[0]!))) return;
  shapes.reduce((common, shape) => broadcastShapes(where, common, shape));
  if (isStrict(strict)) {
    const names = Object.keys(tensors);
    const facts = Object.fromEntries(names.map((name, i) => [name, shapes[i]]));
    const hint = "reshape one of them; [N, 1] against [N] would broadcast to [N, N]";
    fail("shape_mismatch", where, `${names.join(" and ")} differ in shape`, facts, hint);
  }
}

/** Checks that tensors have one shape. */
export function checkSameShape(where: string, tensors: Named): void {
  checkTensors(where, tensors);
  let first: string | null = null;
  for (const name in tensors) {
    first ??= name;
    const [shape, other] = [tensors[first]!.shape, tensors[name]!.shape];
    if (sameShape(shape, other)) continue;
    const facts = { [first]: shape, [name]: other };
    fail("shape_mismatch", where, `${first} and ${name} must have the same shape`, facts);
  }
}

/** Checks that tensors hold floating-point numbers. */
export function checkFloating(where: string, tensors: Readonly<Record<string, Pick<Tensor, "dtype">>>): void {
  for (const name in tensors) {
    const { dtype } = tensors[name]!;
    if (isFloating(dtype)) continue;
    fail("invalid_dtype", where, `${name} must be floating-point`, { [name]: dtype }, "convert it with .float()");
  }
}

/** Checks that differences of input and target are floating-point. */
export function checkErrors(where: string, input: Tensor, target: Tensor): void {
  checkFloating(where, { "input - target": { dtype: resultType(input, target) } });
}

/** Checks that tensors hold numbers, and not truth values, of which there is no difference. */
export function checkNumbers(where: string, tensors: Named): void {
  const found = Object.entries(tensors).find(([, { dtype }]) => dtype === "bool");
  if (found === undefined) return;
  const dtypes = Object.fromEntries(Object.entries(tensors).map(([name, { dtype }]) => [name, dtype]));
  fail("invalid_dtype", where, "truth values have no difference", dtypes, `convert ${found[0]} with .float()`);
}

/** Checks that tensors have one dtype. */
export function checkSameDType(where: string, tensors: Named): void {
  const dtypes = Object.fromEntries(Object.entries(tensors).map(([name, { dtype }]) => [name, dtype]));
  if (new Set(Object.values(dtypes)).size > 1) {
    fail("invalid_dtype", where, `${Object.keys(tensors).join(" and ")} must have the same dtype`, dtypes);
  }
}

/** Checks that every element of a tensor lies in [0, 1]; NaN does not. */
export function checkProbabilities(where: string, name: string, { array }: Tensor): void {
  const values = array.isContiguous ? array.data : array.toArray();
  const start = array.isContiguous ? array.offset : 0;
  for (let i = start; i < start + array.size; i++) {
    const value = values[i]!;
    if (!(value >= 0 && value <= 1)) {
      const hint = "binaryCrossEntropyWithLogits takes any numbers";
      fail("invalid_argument", where, `every element of ${name} must lie in [0, 1]`, { index: i - start, value }, hint);
    }
  }
}

/** Checks that every element of a target is a probability; roundings are forgiven. */
export function checkTargetProbabilities(where: string, target: Tensor, hint?: string): void {
  const stranger = target.toArray().find((p) => !(p >= 0 && p <= 1 + 1e-5));
  if (stranger === undefined) return;
  fail("invalid_argument", where, "every target must lie in [0, 1]", { found: stranger }, hint);
}

/** Checks that every element of a target is −1 or 1. */
export function checkSigns(where: string, target: Tensor): void {
  const stranger = target.toArray().find((sign) => sign !== 1 && sign !== -1);
  if (stranger === undefined) return;
  const hint = "1 says that it belongs, −1 that it does not; for labels of 0 and 1: target.mul(2).sub(1)";
  fail("invalid_argument", where, "every target must be −1 or 1", { found: stranger }, hint);
}

/** Checks that logits of yes and no are not, by mistake, the result of a sigmoid. */
export function checkBinaryLogits(where: string, input: Tensor): void {
  if (input.numel() < 2 || !input.toArray().every((x) => x >= 0 && x <= 1)) return;
  const hint = "this loss applies the sigmoid itself; binaryCrossEntropy takes probabilities";
  fail("invalid_argument", where, "the input looks like probabilities", { input: input.shape }, hint);
}

/** Checks that no element is above 0, as the logarithm of a probability cannot be; roundings are forgiven. */
export function checkLogProbabilities(where: string, name: string, tensor: Tensor, hint: string): void {
  const positive = tensor.toArray().find((x) => x > 1e-5);
  if (positive === undefined) return;
  fail(
    "invalid_argument",
    where,
    "log-probabilities are not positive",
    { [name]: tensor.shape, found: positive },
    hint,
  );
}

/** Checks that an option is above 0. */
export function checkPositive(where: string, options: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(options)) {
    if (!(value > 0)) fail("invalid_option", where, `${name} must be above 0`, { [name]: value });
  }
}
