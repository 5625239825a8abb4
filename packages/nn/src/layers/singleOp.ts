import type { Tensor } from "@tapegrad/autograd";
import type { Module } from "../module.ts";
import { Sigmoid, Tanh } from "./activations.ts";
import { Conv2d } from "./conv.ts";
import { Elementwise } from "./elementwise.ts";
import { Linear } from "./linear.ts";
import { MaxPool2d } from "./maxPool.ts";
import { ReLU } from "./rectifiers.ts";

const forwards: ReadonlySet<unknown> = new Set(
  [Linear, Conv2d, MaxPool2d, Sigmoid, Tanh].map(({ prototype }) => prototype.forward),
);
const { forward: elementwise } = Elementwise.prototype;
const relu: unknown = Reflect.get(ReLU.prototype, "compute");

/**
 * Whether a layer makes a new tensor of its input by one op, and keeps neither of the two.
 *
 * It is the code that counts: a subclass with a `forward` of its own, or a layer with hooks, may keep what it sees.
 */
export function isSingleOp(layer: Module<[input: Tensor], unknown>): boolean {
  const { forward } = layer;
  if (layer.hasHooks) return false;
  if (forward !== elementwise) return forwards.has(forward);
  return layer instanceof Elementwise && !layer.inplace && Reflect.get(layer, "compute") === relu;
}
