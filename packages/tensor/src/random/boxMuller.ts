import { fma32, fma64 } from "./fma.ts";

const f = Math.fround;
const TWO_PI = f(2 * Math.PI);
const SQRT_HALF = 11863283; // √½·2²⁴
const FOUR_OVER_PI = f(4 / Math.PI);

// log(1 + x) = x - x²/2 + x³·P(x)
const P0 = f(7.0376836292e-2);
const P1 = f(-1.151461031e-1);
const P2 = f(1.167699874e-1);
const P3 = f(-1.2420140846e-1);
const P4 = f(1.4249322787e-1);
const P5 = f(-1.6668057665e-1);
const P6 = f(2.0000714765e-1);
const P7 = f(-2.4999993993e-1);
const P8 = f(3.3333331174e-1);
// log 2 in two parts
const LOG2_LOW = f(-2.1219444e-4);
const LOG2_HIGH = 0.693359375;
// π/4 in three parts
const QUARTER_HIGH = 0.78515625;
const QUARTER_MIDDLE = 2.4187564849853516e-4;
const QUARTER_LOW = f(3.774894977445941e-8);
const SIN0 = f(-1.9515295891e-4);
const SIN1 = f(8.3321608736e-3);
const SIN2 = f(-1.6666654611e-1);
const COS0 = f(2.443315711809948e-5);
const COS1 = f(-1.388731625493765e-3);
const COS2 = f(4.166664568298827e-2);

// cos and sin of a quarter turn or more, from those of what is left of it: cos(x + k·π/2) = COS_OF_COS[k]·cos x + COS_OF_SIN[k]·sin x
const COS_OF_COS = new Float64Array([1, 0, -1, 0, 1]);
const COS_OF_SIN = new Float64Array([0, -1, 0, 1, 0]);

/**
 * Turns uniform numbers into normal ones, in blocks of 16 from `start`: for j < 8, with u = 1 - x[j] and v = x[j + 8],
 *
 *     x[j]     = mean + std·√(-2 log u)·cos 2πv
 *     x[j + 8] = mean + std·√(-2 log u)·sin 2πv
 *
 * in float32, rounded operation by operation as torch's AVX2 kernel rounds: the polynomials of Cephes (S. Moshier, after
 * J. Pommier's and G. Garberoglio's vector versions), every multiply-then-add fused. It is written as `f(a * b + c)`, which
 * rounds twice, and yet gives the fused result for each of the 2²⁴ arguments that a uniform number can be (checked one by one).
 */
export function boxMuller32(x: Float32Array, start: number, end: number, mean: number, std: number): void {
  for (let block = start; block < end; block += 16) {
    for (let j = block; j < block + 8; j++) {
      // u = (1 + r)·2^e with 1 + r in [√½, √2), in integers: a branch would be guessed wrong half of the time
      const m = 2 ** 24 - x[j]! * 2 ** 24;
      const zeros = Math.clz32(m);
      const mantissa = (m << zeros) >>> 8;
      const low = (mantissa - SQRT_HALF) >>> 31;
      const e = 8 - zeros - low;
      const r = (mantissa << low) * 2 ** -24 - 1;
      const r2 = f(r * r);
      let p = f(P0 * r + P1);
      p = f(p * r + P2);
      p = f(p * r + P3);
      p = f(p * r + P4);
      p = f(p * r + P5);
      p = f(p * r + P6);
      p = f(p * r + P7);
      p = f(p * r + P8);
      p = f(p * r);
      p = f(p * r2 + f(e * LOG2_LOW));
      p = f(p - r2 * 0.5);
      const log = f(e * LOG2_HIGH + f(r + p));
      const radius = f(Math.sqrt(-2 * log));

      // the angle in eighths of a turn, rounded up to an even number of them, and what is left of it
      const angle = f(TWO_PI * x[j + 8]!);
      const eighths = (f(angle * FOUR_OVER_PI) + 1) & ~1;
      let a = f(angle - eighths * QUARTER_HIGH);
      a = f(a - eighths * QUARTER_MIDDLE);
      a = f(a - eighths * QUARTER_LOW);
      const a2 = f(a * a);
      let c = f(COS0 * a2 + COS1);
      c = f(c * a2 + COS2);
      c = f(c * a2);
      c = f(c * a2 - f(a2 * 0.5));
      c = f(c + 1);
      let s = f(SIN0 * a2 + SIN1);
      s = f(s * a2 + SIN2);
      s = f(s * a2);
      s = f(s * a + a);
      const quarters = eighths >> 1;
      const cos = COS_OF_COS[quarters]!;
      const sin = COS_OF_SIN[quarters]!;
      x[j] = radius * (cos * c + sin * s);
      x[j + 8] = radius * (cos * s - sin * c);
    }
  }
  if (mean === 0 && std === 1) {
    // torch multiplies and adds here too, which turns -0 into 0
    for (let i = start; i < end; i++) x[i] = x[i]! + 0;
  } else {
    for (let i = start; i < end; i++) x[i] = fma32(x[i]!, std, mean);
  }
}

/** {@link boxMuller32} in float64, with the logarithm, sine and cosine of the host: they differ in the last place between hosts. */
export function boxMuller64(x: Float64Array, start: number, end: number, mean: number, std: number): void {
  for (let block = start; block < end; block += 16) {
    for (let j = block; j < block + 8; j++) {
      const radius = Math.sqrt(-2 * Math.log(1 - x[j]!));
      const angle = 2 * Math.PI * x[j + 8]!;
      x[j] = fma64(radius * Math.cos(angle), std, mean);
      x[j + 8] = fma64(radius * Math.sin(angle), std, mean);
    }
  }
}
