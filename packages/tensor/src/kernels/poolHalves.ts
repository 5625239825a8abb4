import { fillRun } from "../copyRun.ts";
import type { NDArray } from "../ndarray.ts";
import { type Call, inParts } from "../threads/parts.ts";
import { type FunctionBuilder, f32x4, i32, i32x4, type Local, type ModuleBuilder, v128 } from "../wasm/encoder.ts";
import { type Entry, launch, lazyModule } from "../wasm/launch.ts";
import { views } from "../wasm/scratch.ts";
import type { Pair } from "./convGeometry.ts";

/** Windows of two by two that lie side by side, the commonest pooling: read straight from the planes, four windows at a time. */
const halvesCode: () => Readonly<Record<"largest" | "mean" | "spread", Entry>> = lazyModule("halves", (m) => {
  defineLargest(m);
  defineMean(m);
  defineSpread(m);
});

/** How windows lie. */
interface Windows {
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly padding: Pair;
  readonly dilation?: Pair;
}

/** Whether windows are two by two, side by side and inside of `x`, and wide enough for vectors of `out`. */
export function isHalving({ kernel, stride, padding, dilation = [1, 1] }: Windows, out: NDArray, x: NDArray): boolean {
  const all = (pair: Pair, n: number): boolean => pair[0] === n && pair[1] === n;
  const [rows, columns] = [out.shape[2]!, out.shape[3]!];
  const inside = 2 * rows <= x.shape[2]! && 2 * columns <= x.shape[3]! && columns >= 4;
  return inside && all(kernel, 2) && all(stride, 2) && all(padding, 0) && all(dilation, 1);
}

const PARAMS = {
  planes: "i32",
  rows: "i32",
  columns: "i32",
  x: "i32",
  width: "i32",
  xPlane: "i32",
  out: "i32",
} as const;
type Params = { readonly [K in keyof typeof PARAMS]: Local<"i32"> };
type Vector = Local<"v128">;

/**
 * Runs `body` for four windows at a time, with their elements from left to right and from above to below, how far the first of them is from the
 * plane's first element, and where their results lie behind the first. The last four of a row may be done twice, in part.
 */
function eachFour(
  f: FunctionBuilder,
  { planes, rows, columns, x, width, xPlane, out }: Params,
  body: (elements: readonly Vector[], from: Local<"i32">, to: Local<"i32">) => void,
): void {
  const whole = f.let(i32.shl(i32.and(columns, -4), 2));
  const row = f.let(i32.shl(columns, 2));
  const to = f.let(out);
  f.range(0, planes, 1, () => {
    const from = f.let(x);
    f.range(0, rows, 1, () => {
      const p = f.let(from);
      const four = (): void => {
        const pairs = [0, width].map((down) => [0, 16].map((right) => f.let(v128.load(i32.add(p, down), right))));
        const elements = pairs.flatMap(([near, far]) =>
          [0, 1].map((odd) => f.let(v128.shuffle32(near!, far!, [odd, odd + 2, odd + 4, odd + 6]))),
        );
        body(elements, f.let(i32.sub(p, x)), to);
      };
      const end = f.let(i32.add(to, whole));
      const next = f.let(i32.add(to, row));
      f.while(i32.ltU(to, end), () => {
        four();
        f.step(p, 32);
        f.step(to, 16);
      });
      f.if(i32.ltU(to, next), () => {
        const back = f.let(i32.sub(i32.sub(next, 16), to));
        f.step(to, back);
        f.step(p, i32.shl(back, 1));
        four();
      });
      f.set(to, next);
      f.step(from, i32.shl(width, 1));
    });
    f.step(x, xPlane);
  });
}

function defineLargest(m: ModuleBuilder): void {
  m.export("largest", { ...PARAMS, indices: "i32" }, (f, { indices, ...params }) => {
    const apart = f.let(i32.sub(indices, params.out));
    const lanes = v128.shuffle32(i32x4.const(0), i32x4.const(2), [0, 4, 0, 4]);
    const right = f.let(i32x4.add(lanes, v128.shuffle32(i32x4.const(0), i32x4.const(4), [0, 0, 4, 4]))); // 0, 2, 4, 6
    const down = f.let(i32.shrU(params.width, 2));
    const steps = [1, down, i32.add(down, 1)].map((step) => f.let(i32x4.splat(step)));
    eachFour(f, params, ([first, ...others], from, to) => {
      const corner = f.let(i32x4.add(right, i32x4.splat(i32.shrU(from, 2))));
      const [best, place] = [f.let(first!), f.let(corner)];
      others.forEach((value, k) => {
        const wins = f.let(v128.or(f32x4.gt(value, best), f32x4.ne(value, value)));
        f.set(best, v128.bitselect(value, best, wins));
        f.set(place, v128.bitselect(i32x4.add(corner, steps[k]!), place, wins));
      });
      f.store(to, best);
      f.store(i32.add(to, apart), place);
    });
  });
}

function defineMean(m: ModuleBuilder): void {
  m.export("mean", { ...PARAMS, divisor: "f32" }, (f, { divisor, ...params }) => {
    const count = f.let(f32x4.splat(divisor));
    eachFour(f, params, ([a, b, c, d], _, to) => {
      const sum = f32x4.add(f32x4.add(f32x4.add(a!, b!), c!), d!);
      f.store(to, f32x4.div(sum, count));
    });
  });
}

/** The gradient of `mean`: a share for each element of a window. What no window sees stays as it is. */
function defineSpread(m: ModuleBuilder): void {
  m.export("spread", { ...PARAMS, divisor: "f32" }, (f, { planes, rows, columns, x, width, xPlane, out, divisor }) => {
    const count = f.let(f32x4.splat(divisor));
    const row = f.let(i32.shl(columns, 2));
    f.range(0, planes, 1, () => {
      const to = f.let(x);
      f.range(0, rows, 1, () => {
        f.range(0, row, 16, (j) => {
          const at = f.let(i32.sub(row, 16));
          f.if(i32.ltS(j, at), () => f.set(at, j));
          const share = f.let(f32x4.div(v128.load(i32.add(out, at)), count));
          const p = f.let(i32.add(to, i32.shl(at, 1)));
          for (let half = 0; half < 2; half++) {
            const twice = f.let(
              v128.shuffle32(
                share,
                share,
                [0, 0, 1, 1].map((lane) => lane + 2 * half),
              ),
            );
            f.store(p, twice, 16 * half);
            f.store(i32.add(p, width), twice, 16 * half);
          }
        });
        f.step(out, row);
        f.step(to, i32.shl(width, 1));
      });
      f.step(x, xPlane);
    });
  });
}

/** Operations that an element takes, memory included. */
const WORK = 8;

/** Runs a loop over the planes of windows, shared among the threads: `first` is the first of a part's planes. */
function eachPlane(
  { shape: [n, c, rows, columns] }: NDArray,
  { size }: NDArray,
  run: (call: Call, sizes: readonly [planes: number, rows: number, columns: number], first: number) => void,
): void {
  inParts(n! * c!, WORK * size, () => (call, first, end) => run(call, [end - first, rows!, columns!], first));
}

/** The largest element of each window of two by two, and where it was. */
export function largestOfHalves(out: NDArray, indices: NDArray, x: NDArray): void {
  launch((frame) => {
    const [width, xPlane, plane] = [4 * x.shape[3]!, bytesOfPlane(x), bytesOfPlane(out)];
    const [from, to, places] = [frame.read(x), frame.write(out), frame.write(indices)];
    const { largest } = halvesCode();
    eachPlane(out, x, (call, sizes, i) => {
      call(largest, ...sizes, from + i * xPlane, width, xPlane, to + i * plane, places + i * plane);
    });
  });
}

/** The sum of each window of two by two, divided by a number. */
export function meanOfHalves(out: NDArray, x: NDArray, divisor: number): void {
  launch((frame) => {
    const [width, xPlane, plane] = [4 * x.shape[3]!, bytesOfPlane(x), bytesOfPlane(out)];
    const [from, to] = [frame.read(x), frame.write(out)];
    const { mean } = halvesCode();
    eachPlane(out, x, (call, sizes, i) => {
      call(mean, ...sizes, from + i * xPlane, width, xPlane, to + i * plane, divisor);
    });
  });
}

/** The gradient of {@link meanOfHalves}. */
export function spreadOverHalves(out: NDArray, grad: NDArray, divisor: number): void {
  launch((frame) => {
    const [height, width] = [out.shape[2]!, out.shape[3]!];
    const [outPlane, plane] = [bytesOfPlane(out), bytesOfPlane(grad)];
    const [from, to] = [frame.read(grad), frame.write(out)];
    if (2 * grad.shape[2]! < height || 2 * grad.shape[3]! < width) fillRun(views().float32, 0, to / 4, out.size);
    const { spread } = halvesCode();
    eachPlane(grad, out, (call, sizes, i) => {
      call(spread, ...sizes, to + i * outPlane, 4 * width, outPlane, from + i * plane, divisor);
    });
  });
}

const bytesOfPlane = ({ shape }: NDArray): number => 4 * shape[2]! * shape[3]!;
