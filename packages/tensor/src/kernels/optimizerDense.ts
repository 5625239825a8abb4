import type { NDArray } from "../ndarray.ts";

// The arithmetic is torch's on the CPU, operation by operation: every result is rounded to the parameter's type where torch
// stores it, and `a + b·c` is rounded once where torch fuses it. Only its square root, one unit in the last place off
// for 1 value in 200, is not copied: ours is exact.

/** What stays the same from step to step of stochastic gradient descent. */
export interface SgdSettings {
  /** How much of the last direction is kept; 0 needs no buffer. */
  readonly momentum: number;
  /** How much of the gradient is kept out of the direction. */
  readonly dampening: number;
  /** Added to the gradient, times the parameter. */
  readonly weightDecay: number;
  /** Whether to look ahead along the direction (Nesterov). */
  readonly nesterov: boolean;
  /** Whether to climb instead of descend. */
  readonly maximize: boolean;
}

/** What stays the same from step to step of Adam and AdamW. */
export interface AdamSettings {
  readonly beta1: number;
  readonly beta2: number;
  /** Added to the root of the second moment. */
  readonly eps: number;
  readonly weightDecay: number;
  /** Whether the parameter shrinks by itself (AdamW), instead of through the gradient (Adam). */
  readonly decoupled: boolean;
  /** Whether to climb instead of descend. */
  readonly maximize: boolean;
}

/** Rounds to the type in which a parameter is stored. */
function round(value: number, single: boolean): number {
  return single ? Math.fround(value) : value;
}

/** {@link sgd} on row-major arrays. */
export function sgdDense(
  param: NDArray,
  buffer: NDArray | null,
  grad: NDArray,
  settings: SgdSettings,
  lr: number,
  first: boolean,
): void {
  const single = param.dtype === "float32";
  const [p, b, g] = [param.data, buffer?.data, grad.data];
  const decay = round(settings.weightDecay, single);
  const keep = round(settings.momentum, single);
  const take = round(1 - settings.dampening, single);
  const pace = round(-lr, single);
  if (decay === 0 && b === undefined) {
    const signed = settings.maximize ? -pace : pace;
    for (let i = 0, at = param.offset, from = grad.offset; i < param.size; i++, at++, from++) {
      p[at] = p[at]! + g[from]! * signed;
    }
    return;
  }
  for (let i = 0; i < param.size; i++) {
    const at = param.offset + i;
    let slope = settings.maximize ? -g[grad.offset + i]! : g[grad.offset + i]!;
    if (decay !== 0) slope = round(slope + decay * p[at]!, single);
    if (b !== undefined && buffer !== null) {
      const direction = first ? slope : round(round(b[buffer.offset + i]! * keep, single) + slope * take, single);
      b[buffer.offset + i] = direction;
      slope = settings.nesterov ? round(slope + direction * keep, single) : direction;
    }
    p[at] = p[at]! + slope * pace;
  }
}

/** {@link adam} on row-major arrays. */
export function adamDense(
  param: NDArray,
  mean: NDArray,
  square: NDArray,
  largest: NDArray | null,
  grad: NDArray,
  settings: AdamSettings,
  lr: number,
  correction1: number,
  correction2: number,
): void {
  const single = param.dtype === "float32";
  const [p, m, v, top, g] = [param.data, mean.data, square.data, largest?.data, grad.data];
  const decay = round(settings.weightDecay, single);
  const shrink = settings.decoupled && decay !== 0 ? round(1 - lr * settings.weightDecay, single) : 1;
  const blend = round(1 - settings.beta1, single);
  const keep = round(settings.beta2, single);
  const take = round(1 - settings.beta2, single);
  const root = round(Math.sqrt(correction2), single);
  const eps = round(settings.eps, single);
  const pace = round(-(lr / correction1), single);
  for (let i = 0; i < param.size; i++) {
    let weight = p[param.offset + i]!;
    let slope = settings.maximize ? -g[grad.offset + i]! : g[grad.offset + i]!;
    if (settings.decoupled) weight = round(weight * shrink, single);
    else if (decay !== 0) slope = round(slope + decay * weight, single);

    const former = m[mean.offset + i]!;
    const way = round(slope - former, single);
    // torch.lerp counts from the nearer end
    const moment = round(blend < 0.5 ? former + blend * way : slope - way * round(1 - blend, single), single);
    m[mean.offset + i] = moment;

    let energy = round(round(v[square.offset + i]! * keep, single) + round(take * slope, single) * slope, single);
    v[square.offset + i] = energy;
    if (top !== undefined && largest !== null) {
      const before = top[largest.offset + i]!;
      energy = energy > before || Number.isNaN(energy) ? energy : before;
      top[largest.offset + i] = energy;
    }
    const scale = round(round(round(Math.sqrt(energy), single) / root, single) + eps, single);
    p[param.offset + i] = weight + round(round(pace * moment, single) / scale, single);
  }
}
