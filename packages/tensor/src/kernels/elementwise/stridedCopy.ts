/** Copies of arrays that lie in another order, in WebAssembly: elements of 32 bits, up to four dimensions. */
import type { NDArray } from "../../ndarray.ts";
import { type FunctionBuilder, i32, type Local, v128 } from "../../wasm/encoder.ts";
import { wasmAvailable } from "../../wasm/host.ts";
import { launch, lazyModule, spanOf } from "../../wasm/launch.ts";
import { nestOf } from "../nest.ts";

/** rows(n0, n1, n2, n3, s0, s1, s2, from, out): neighbours lie along the last dimension; crosswise: along the last but one; any: wherever (s3). */
const code = lazyModule<"rows" | "crosswise" | "any">("stridedCopy", (m) => {
  const SIZES = { n0: "i32", n1: "i32", n2: "i32", n3: "i32" } as const;
  const STEPS = { s0: "i32", s1: "i32", s2: "i32", s3: "i32", from: "i32", out: "i32" } as const;
  m.export("rows", { ...SIZES, ...STEPS }, (f, p) => {
    eachPlane(f, p, (plane) => {
      const rows = f.let(p.n2);
      const row = f.let(plane);
      f.while(rows, () => {
        const from = f.let(row);
        const to = f.let(p.out);
        f.step(p.out, i32.shl(p.n3, 2));
        // whole vectors: what is written past the end is written again by the next row, or lies in the slack
        f.while(i32.ltU(to, p.out), () => {
          f.store(to, f.let(v128.load(from)));
          f.step(to, 16);
          f.step(from, 16);
        });
        f.step(row, p.s2);
        f.step(rows, -1);
      });
    });
  });
  m.export("crosswise", { ...SIZES, ...STEPS }, (f, p) => {
    const width = f.let(i32.shl(p.n3, 2));
    eachPlane(f, p, (plane) => {
      f.range(0, p.n2, 4, (i) => {
        // the last tile of a dimension goes back, over what is done already
        const down = f.let(lesser(i, i32.sub(p.n2, 4)));
        f.range(0, p.n3, 4, (j) => {
          const across = f.let(lesser(j, i32.sub(p.n3, 4)));
          const from = f.let(i32.add(i32.add(plane, i32.shl(down, 2)), i32.mul(across, p.s3)));
          const to = f.let(i32.add(i32.add(p.out, i32.mul(down, width)), i32.shl(across, 2)));
          const columns = [0, 1, 2, 3].map((k) => f.let(v128.load(k === 0 ? from : i32.add(from, i32.mul(p.s3, k)))));
          transposed(f, columns).forEach((row, k) => {
            f.store(k === 0 ? to : i32.add(to, i32.mul(width, k)), row);
          });
        });
      });
      f.step(p.out, i32.mul(width, p.n2));
    });
  });
  m.export("any", { ...SIZES, ...STEPS }, (f, p) => {
    eachPlane(f, p, (plane) => {
      const row = f.let(plane);
      f.range(0, p.n2, 1, () => {
        const from = f.let(row);
        const end = f.let(i32.add(p.out, i32.shl(p.n3, 2)));
        f.while(i32.ltU(p.out, end), () => {
          f.store(p.out, f.let(i32.load(from)));
          f.step(p.out, 4);
          f.step(from, p.s3);
        });
        f.step(row, p.s2);
      });
    });
  });
});

/** Calls `body` for each place along the first two dimensions. */
function eachPlane(
  f: FunctionBuilder,
  { n0, n1, s0, s1, from }: Readonly<Record<"n0" | "n1" | "s0" | "s1" | "from", Local<"i32">>>,
  body: (plane: Local<"i32">) => void,
): void {
  f.range(0, n0, 1, (i) => {
    const plane = f.let(i32.add(from, i32.mul(i, s0)));
    f.range(0, n1, 1, () => {
      body(plane);
      f.step(plane, s1);
    });
  });
}

function lesser(a: Local<"i32">, b: ReturnType<typeof i32.sub>): ReturnType<typeof i32.sub> {
  return i32.sub(a, i32.mul(i32.sub(a, b), i32.gtS(a, b)));
}

/** Four columns of four as four rows. */
export function transposed(f: FunctionBuilder, [a, b, c, d]: readonly Local<"v128">[]): readonly Local<"v128">[] {
  const low = f.let(v128.shuffle32(a!, b!, [0, 4, 1, 5]));
  const high = f.let(v128.shuffle32(a!, b!, [2, 6, 3, 7]));
  const lowRest = f.let(v128.shuffle32(c!, d!, [0, 4, 1, 5]));
  const highRest = f.let(v128.shuffle32(c!, d!, [2, 6, 3, 7]));
  return [
    f.let(v128.shuffle32(low, lowRest, [0, 1, 4, 5])),
    f.let(v128.shuffle32(low, lowRest, [2, 3, 6, 7])),
    f.let(v128.shuffle32(high, highRest, [0, 1, 4, 5])),
    f.let(v128.shuffle32(high, highRest, [2, 3, 6, 7])),
  ];
}

/** Rows of so many neighbours are copied by the engine one by one in no more time. */
const LONG = 1024;

interface Loops {
  readonly sizes: readonly number[];
  readonly steps: readonly number[];
}

/** The loops over `a`, four of them, or null where it would not be worth it: long rows, gaps, repeats. */
function loopsOf(out: NDArray, a: NDArray): Loops | null {
  const { sizes, strides } = nestOf(out.shape, [out, a]);
  const own = strides[1]!;
  const last = sizes.length - 1;
  const missing = 4 - sizes.length;
  if (missing < 0 || (own[last] === 1 && sizes[last]! >= LONG)) return null;
  return {
    sizes: [...new Array<number>(missing).fill(1), ...sizes],
    steps: [...new Array<number>(missing).fill(0), ...own],
  };
}

/** Whether {@link stridedCopy} takes the operands: of one dtype of 32 bits, the result row-major, the source in not much more space than that. */
export function stridedCopyable(out: NDArray, a: NDArray): boolean {
  if (out.dtype !== a.dtype || (out.dtype !== "float32" && out.dtype !== "int32") || !out.isContiguous) return false;
  return (
    out.size > 0 &&
    out.storage !== a.storage &&
    wasmAvailable() &&
    spanOf(a) <= 4 * out.size &&
    loopsOf(out, a) !== null
  );
}

/** `a`, broadcast to the shape of `out`, in row-major order. */
export function stridedCopy(out: NDArray, a: NDArray): void {
  const { sizes, steps } = loopsOf(out, a)!;
  const [n0 = 1, n1 = 1, n2 = 1, n3 = 1] = sizes;
  const [s0 = 0, s1 = 0, s2 = 0, s3 = 0] = steps.map((step) => 4 * step);
  const loop = s3 === 4 ? "rows" : s2 === 4 && n2 >= 4 && n3 >= 4 ? "crosswise" : "any";
  launch((frame) => {
    const from = frame.span(a);
    code()[loop](n0, n1, n2, n3, s0, s1, s2, s3, from, frame.write(out));
  });
}
