import { fail } from "@tapegrad/tensor";
import { at, type Index, Tensor } from "tapegrad";
import { bind, type Keywords } from "./bind.ts";
import type { Scope } from "./expression.ts";
import { functionAt, methodOf } from "./library.ts";
import { entryOf } from "./names/index.ts";
import { type CallValues, isTuple } from "./reader.ts";
import { camelCase } from "./signature.ts";

/**
 * Calls what stands here for a function of torch's.
 *
 * @param path torch's name without the leading `torch.`
 * @throws TensorError `unsupported` when there is no such function here, or no such argument
 */
export function callTorch(path: string, args: readonly unknown[], kwargs: Keywords): unknown {
  const { forms, namespace, name } = entryOf(path);
  const { ours, args: bound } = bind(name, forms, args, kwargs);
  return ours.startsWith(".") ? onFirst(ours.slice(1), bound) : functionAt(`${namespace}${ours}`)(...bound);
}

/** Calls what stands here for a method of torch's tensors. */
export function callMethod(self: unknown, name: string, args: readonly unknown[], kwargs: Keywords): unknown {
  const { ours, args: bound } = bind(name, entryOf(`Tensor.${name}`).forms, [self, ...args], kwargs);
  return onFirst(ours, bound);
}

function onFirst(name: string, [self, ...args]: readonly unknown[]): unknown {
  return methodOf(self, name)(...args);
}

/** Gives the names of a `call` their values, and carries it out with our functions. */
export function scopeOf({ input, args, kwargs }: CallValues): Scope {
  const names: Readonly<Record<string, unknown>> = { input, args, kwargs };
  return {
    value: (name) => names[name],
    call: callTorch,
    method: callMethod,
    attribute: (self, name) => {
      const found: unknown = self instanceof Tensor ? Reflect.get(self, camelCase(name)) : undefined;
      if (found === undefined) return fail("unsupported", "conformance", `tensors have no attribute ${name}`);
      return typeof found === "function" ? Reflect.apply(found, self, []) : found;
    },
    index: (self, index) => at(self as Tensor, ...((isTuple(index) ? index : [index]) as Index[])),
  };
}
