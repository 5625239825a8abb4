import {
  type FunctionBuilder,
  f32,
  f32x4,
  f64x2,
  i32,
  i32x4,
  type Local,
  type ModuleBuilder,
  v128,
} from "../wasm/encoder.ts";
import { type Entry, lazyModule } from "../wasm/launch.ts";
import { halves, joined } from "./doubleLanes.ts";

type Lanes = Local<"v128">;

/** a·b + c, rounded once: where the host has no such instruction by way of float64, in which the product is exact. */
function fused(f: FunctionBuilder, a: Lanes, b: Lanes, c: Lanes): Lanes {
  if (f.fuses) return f.let(f.madd(a, b, c));
  const [x, y, z] = [halves(f, a), halves(f, b), halves(f, c)];
  return f.let(joined(f64x2.add(f64x2.mul(x.low, y.low), z.low), f64x2.add(f64x2.mul(x.high, y.high), z.high)));
}

/** Below every remainder in {@link divided}, and finite times every reciprocal. */
const FAR_BELOW = -(2 ** 60);

/** A number to divide by, in all lanes. */
interface Divisor {
  readonly value: Lanes;
  readonly negative: Lanes;
  /** 1 / value, at most 2^32; 0 stands for one that is too far from 1. */
  readonly reciprocal: Local<"f32">;
  readonly reciprocals: Lanes;
}

/**
 * The root of x divided by a number, rounded after either: the product with the reciprocal, corrected once by the remainder, which is exact
 * (Brisebarre, Muller & Raina 2004, Accelerating correctly rounded floating-point division when the divisor is known in advance). It is the
 * divider that the loop waits for.
 */
function rootOver(f: FunctionBuilder, x: Lanes, { value, negative, reciprocal, reciprocals }: Divisor): Lanes {
  const root = f.let(f32x4.sqrt(x));
  if (!f.fuses) return f.let(f32x4.div(root, value));
  const ratio = f.local("v128");
  f.if(
    f32.eq(reciprocal, 0),
    () => f.set(ratio, f32x4.div(root, value)),
    () => {
      const near = f.let(f32x4.mul(root, reciprocals));
      // where the root is infinite the remainder is NaN, and any finite number will do
      const rest = f32x4.pmax(f32x4.const(FAR_BELOW), f.madd(near, negative, root));
      f.set(ratio, f.madd(rest, reciprocals, near));
    },
  );
  return ratio;
}

/** The loops of the optimizers: one pass over `n` elements, in whole vectors. Flags are 0 or 1. */
export const optimizerCode: () => Readonly<Record<"sgd" | "adam", Entry>> = lazyModule("optimizer", (m) => {
  defineSgd(m);
  defineAdam(m);
});

function defineSgd(m: ModuleBuilder): void {
  m.export(
    "sgd",
    {
      n: "i32",
      param: "i32",
      grad: "i32",
      buffer: "i32", // 0: none
      maximize: "i32",
      decays: "i32",
      first: "i32",
      nesterov: "i32",
      decay: "f32",
      keep: "f32",
      take: "f32",
      pace: "f32",
    },
    (f, { n, param, grad, buffer, maximize, decays, first, nesterov, decay, keep, take, pace }) => {
      const sign = f.let(signOf(maximize));
      const factors = [decay, keep, take, pace].map((scalar) => f.let(f32x4.splat(scalar)));
      const [decayLanes, keepLanes, takeLanes, paceLanes] = factors as [Lanes, Lanes, Lanes, Lanes];
      const end = f.let(i32.add(param, i32.shl(n, 2)));
      f.while(i32.ltU(param, end), () => {
        const weight = f.let(v128.load(param));
        const slope = f.let(v128.xor(v128.load(grad), sign));
        f.if(decays, () => f.set(slope, fused(f, decayLanes, weight, slope)));
        f.if(buffer, () => {
          const direction = f.let(slope);
          f.if(i32.eqz(first), () => {
            const kept = f.let(f32x4.mul(v128.load(buffer), keepLanes));
            f.set(direction, fused(f, slope, takeLanes, kept));
          });
          f.store(buffer, direction);
          f.step(buffer, 16);
          f.if(
            nesterov,
            () => f.set(slope, fused(f, direction, keepLanes, slope)),
            () => f.set(slope, direction),
          );
        });
        f.store(param, fused(f, slope, paceLanes, weight));
        f.step(param, 16);
        f.step(grad, 16);
      });
    },
  );
}

function defineAdam(m: ModuleBuilder): void {
  m.export(
    "adam",
    {
      n: "i32",
      param: "i32",
      grad: "i32",
      mean: "i32",
      square: "i32",
      largest: "i32", // 0: none
      maximize: "i32",
      decays: "i32",
      far: "i32",
      decay: "f32",
      shrink: "f32",
      blend: "f32",
      keep: "f32",
      take: "f32",
      root: "f32",
      reciprocal: "f32", // of root; see Divisor
      eps: "f32",
      pace: "f32",
    },
    (f, { n, param, grad, mean, square, largest, maximize, decays, far, ...scalars }) => {
      const sign = f.let(signOf(maximize));
      const lanes = (scalar: Local<"f32">): Lanes => f.let(f32x4.splat(scalar));
      const [shrink, keep, take] = [lanes(scalars.shrink), lanes(scalars.keep), lanes(scalars.take)];
      const [eps, pace] = [lanes(scalars.eps), lanes(scalars.pace)];
      const { reciprocal } = scalars;
      const value = lanes(scalars.root);
      const root = { value, negative: f.let(f32x4.neg(value)), reciprocal, reciprocals: lanes(reciprocal) };
      const [decay, blend] = [lanes(scalars.decay), lanes(scalars.blend)];
      const end = f.let(i32.add(param, i32.shl(n, 2)));
      const everyVector = (decides: boolean): void => {
        /** What depends on flags: branches for which nothing is to be decided would take a fifth of the time. */
        const decide = (flag: Local<"i32">, then: () => void): void => {
          if (decides) f.if(flag, then);
        };
        f.while(i32.ltU(param, end), () => {
          const weight = f.let(f32x4.mul(v128.load(param), shrink));
          const slope = f.let(v128.xor(v128.load(grad), sign));
          decide(decays, () => f.set(slope, fused(f, decay, weight, slope)));

          const former = f.let(v128.load(mean));
          const way = f.let(f32x4.sub(slope, former));
          const start = f.let(former);
          // counted from the far end, `blend` is the negative rest of the way
          decide(far, () => f.set(start, slope));
          const moment = fused(f, way, blend, start);
          f.store(mean, moment);

          const kept = f.let(f32x4.mul(v128.load(square), keep));
          const taken = f.let(f32x4.mul(take, slope));
          const energy = fused(f, taken, slope, kept);
          f.store(square, energy);
          decide(largest, () => {
            f.set(energy, f32x4.max(energy, v128.load(largest)));
            f.store(largest, energy);
            f.step(largest, 16);
          });

          const scale = f32x4.add(rootOver(f, energy, root), eps);
          f.store(param, f32x4.add(weight, f32x4.div(f32x4.mul(pace, moment), scale)));
          for (const pointer of [param, grad, mean, square]) f.step(pointer, 16);
        });
      };
      f.if(
        i32.or(i32.or(decays, far), largest),
        () => everyVector(true),
        () => everyVector(false),
      );
    },
  );
}

/** The bit that turns a gradient round, in every lane, if the flag is set. */
function signOf(flag: Local<"i32">): ReturnType<typeof i32x4.splat> {
  return i32x4.splat(i32.shl(flag, 31));
}
