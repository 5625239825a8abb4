/** Probabilities of a sample's labels, gathered from the log-probabilities of all of them, and back: in WebAssembly. */
import { expDouble } from "../../wasm/doubleMath.ts";
import {
  type FunctionBuilder,
  f32x4,
  f64,
  f64x2,
  i32,
  type Local,
  type ModuleBuilder,
  type Value,
  v128,
} from "../../wasm/encoder.ts";
import * as lanes from "../../wasm/laneMath.ts";
import { Lanes } from "../../wasm/lanes.ts";
import { MOST } from "./limits.ts";

/** e to the power of each float32, whole vectors at a time. */
export function exportPowers(m: ModuleBuilder): void {
  m.export("powers32", { bytes: "i32", from: "i32", to: "i32" }, (f, { bytes, from, to }) => {
    const end = f.let(i32.add(from, bytes));
    const l = new Lanes(f);
    f.while(i32.ltU(from, end), () => {
      f.store(to, lanes.exp(l, f.let(v128.load(from))));
      f.step(from, 16);
      f.step(to, 16);
    });
  });
  m.export("powers64", { bytes: "i32", at: "i32" }, (f, { bytes, at }) => {
    const end = f.let(i32.add(at, bytes));
    f.while(i32.ltU(at, end), () => {
      f.store(at, expDouble(f, f.let(v128.load(at))));
      f.step(at, 16);
    });
  });
}

/** Bytes of a log-probability. */
type Width = 4 | 8;

const READ = {
  steps: "i32",
  row: "i32",
  rowStep: "i32",
  width: "i32",
  pads: "i32",
  places: "i32",
  chances: "i32",
  tops: "i32",
} as const;

/**
 * `read(steps, row, rowStep, width, pads, places, chances, tops)`: gathers log-probabilities at `places`, bytes from the row's start, less the
 * largest of the step, which goes to `tops`. The first `pads` of the `width` bytes become −∞. Returns 0 if something is no log-probability.
 */
export function exportRead(m: ModuleBuilder, bytes: Width): void {
  m.export(`read${8 * bytes}`, READ, (f, { steps, row, rowStep, width, pads, places, chances, tops }) => {
    const wrong = f.local("v128", 0);
    const best = f.local("v128", 0);
    const placesEnd = f.let(i32.add(places, i32.shrU(width, 1)));
    const end = f.let(i32.add(chances, i32.mul(steps, width)));
    const place = f.local("i32", 0);
    f.while(i32.ltU(chances, end), () => {
      f.set(best, f64x2.const(Number.NEGATIVE_INFINITY));
      const rowEnd = f.let(i32.add(chances, width));
      const at = f.let(chances);
      f.set(place, places);
      f.while(i32.ltU(place, placesEnd), () => {
        const both = f.let(gathered(f, row, place, bytes));
        f.store(at, both);
        f.set(best, f64x2.pmax(best, both));
        f.set(wrong, v128.or(wrong, f64x2.ne(both, both)));
        f.step(at, 16);
        f.step(place, 8);
      });
      const largest = f.let(f64x2.pmax(best, swapped(best)));
      f.set(wrong, v128.or(wrong, f64x2.gt(largest, f.hoist(f64x2.const(MOST)))));
      const some = f64x2.gt(largest, f.hoist(f64x2.const(Number.NEGATIVE_INFINITY)));
      const top = f.let(v128.and(largest, some));
      f.store(tops, f64x2.extract(top, 0));
      const to = f.let(chances);
      f.while(i32.ltU(to, rowEnd), () => {
        f.store(to, f64x2.sub(v128.load(to), top));
        f.step(to, 16);
      });
      f.store(chances, f64.const(Number.NEGATIVE_INFINITY));
      f.if(i32.gtU(pads, 8), () => f.store(chances, f64.const(Number.NEGATIVE_INFINITY), 8));
      f.set(chances, rowEnd);
      f.step(row, rowStep);
      f.step(tops, 8);
    });
    return i32.eqz(v128.anyTrue(wrong));
  });
}

/** Two log-probabilities of a row, at the two places that are listed. */
function gathered(f: FunctionBuilder, row: Local<"i32">, place: Local<"i32">, bytes: Width): Value<"v128"> {
  const first = f.let(i32.add(row, i32.load(place)));
  const second = f.let(i32.add(row, i32.load(place, 4)));
  if (bytes === 8) return v128.load64Lane(v128.load64Zero(first), 1, second);
  return f64x2.promoteLowF32x4(v128.load32Lane(v128.load32Zero(first), 1, second));
}

const swapped = (a: Local<"v128">): Value<"v128"> => v128.shuffle32(a, a, [2, 3, 0, 1]);
const WRITE = {
  steps: "i32",
  row: "i32",
  rowStep: "i32",
  width: "i32",
  places: "i32",
  chances: "i32",
  scales: "i32",
  shares: "i32",
  factors: "i32",
} as const;

/**
 * `write(steps, row, rowStep, width, places, chances, scales, shares, factors)`: probabilities less shares, at `places`, bytes from the row's start.
 * The two nearly cancel: both in double precision.
 */
export function exportWrite(m: ModuleBuilder, bytes: Width): void {
  m.export(`write${8 * bytes}`, WRITE, (f, p) => {
    const { steps, row, rowStep, width, places, chances, scales, shares, factors } = p;
    const placesEnd = f.let(i32.add(places, i32.shrU(width, 1)));
    const end = f.let(i32.add(chances, i32.mul(steps, width)));
    const place = f.local("i32", 0);
    f.while(i32.ltU(chances, end), () => {
      const scale = f.let(v128.load64Splat(scales));
      const factor = f.let(v128.load64Splat(factors));
      f.set(place, places);
      f.while(i32.ltU(place, placesEnd), () => {
        const both = f64x2.sub(f64x2.mul(v128.load(chances), scale), f64x2.mul(v128.load(shares), factor));
        const slope = f.let(bytes === 4 ? f32x4.demoteF64x2(both) : both);
        for (const lane of [0, 1]) {
          const to = i32.add(row, i32.load(place, 4 * lane));
          if (bytes === 4) f.storeLane32(to, slope, lane);
          else f.store(to, f64x2.extract(slope, lane));
        }
        f.step(chances, 16);
        f.step(shares, 16);
        f.step(place, 8);
      });
      f.step(row, rowStep);
      f.step(scales, 8);
      f.step(factors, 8);
    });
  });
}
