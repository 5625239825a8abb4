import { fail } from "@tapegrad/tensor";
import * as tapegrad from "tapegrad";

/** Any function of the library, called with what the fixtures give it. */
export type AnyFunction = (...args: readonly unknown[]) => unknown;

/** Any class of the library. */
export type AnyClass = new (...args: readonly unknown[]) => unknown;

/** What the face of the library has under a path such as `nn.functional.crossEntropy`; undefined: nothing. */
export function lookUp(path: string): unknown {
  let found: unknown = tapegrad;
  for (const name of path.split(".")) {
    if (typeof found !== "object" || found === null || !(name in found)) return undefined;
    found = Reflect.get(found, name);
  }
  return found;
}

/**
 * The function of this path.
 *
 * @throws TensorError `unsupported` when the library has none
 */
export function functionAt(path: string): AnyFunction {
  const found = lookUp(path);
  if (typeof found !== "function") return fail("unsupported", "conformance", `there is no function ${path}`);
  return found as AnyFunction;
}

/**
 * The class of this path.
 *
 * @throws TensorError `unsupported` when the library has none
 */
export function classAt(path: string): AnyClass {
  const found = lookUp(path);
  if (typeof found !== "function") return fail("unsupported", "conformance", `there is no class ${path}`);
  return found as AnyClass;
}

/**
 * The method of this name.
 *
 * @throws TensorError `unsupported` when the object has none
 */
export function methodOf(self: unknown, name: string): AnyFunction {
  const found: unknown = Reflect.get(Object(self), name);
  if (typeof found !== "function") return fail("unsupported", "conformance", `tensors have no method ${name}`);
  return (...args) => Reflect.apply(found, self, args);
}
