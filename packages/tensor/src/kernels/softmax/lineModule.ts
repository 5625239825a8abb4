/**
 * Loops over the lines of row-major blocks [outer, n, inner] along their middle, in WebAssembly: for softmax and its kin.
 *
 * Where `inner` is 1 a line is a row, and a vector holds four of its elements; else a vector holds one element of each of four
 * neighbouring lines. What happens to a line is written once, for both.
 */
import {
  type FunctionBuilder,
  f32,
  f32x4,
  f64,
  f64x2,
  i32,
  i32x4,
  type Local,
  type ModuleBuilder,
  select,
  type Value,
  v128,
} from "../../wasm/encoder.ts";
import { type Lane, Lanes } from "../../wasm/lanes.ts";

/** What can be done with the line at hand (or the four of them). Values that belong to a line come in every lane of it. */
export interface Line {
  readonly l: Lanes;
  /** The largest element of the first operand, NaN left out; −∞ where there is nothing else. */
  readonly largest: () => Lane;
  /** The sum of what `each` makes of the operands' elements; `keep` also writes it to the result. */
  readonly sum: (each: (...elements: Lane[]) => Lane, keep?: boolean) => Lane;
  /** Writes what `each` makes of the operands' elements. */
  readonly write: (each: (...elements: Lane[]) => Lane) => void;
  /** Writes what `each` makes of what was kept. */
  readonly rewrite: (each: (kept: Lane) => Lane) => void;
  /** Writes a single value a line. */
  readonly writeOne: (value: Lane) => void;
}

const ROWS = { outer: "i32", n: "i32", out: "i32", a: "i32", b: "i32" } as const;
const COLUMNS = { outer: "i32", n: "i32", inner: "i32", out: "i32", a: "i32", b: "i32" } as const;

/**
 * Exports `<name>Rows(outer, n, out, a, b)` and `<name>Columns(outer, n, inner, out, a, b)`.
 *
 * @param operands how many of a and b there are
 * @param single   whether the result has one element a line
 */
export function exportLines(
  m: ModuleBuilder,
  name: string,
  operands: 1 | 2,
  single: boolean,
  body: (line: Line) => void,
): void {
  m.export(`${name}Rows`, ROWS, (f, { outer, n, out, a, b }) => {
    const bytes = f.let(i32.shl(n, 2));
    const lineAt = rowsOf(f, n, bytes);
    f.while(outer, () => {
      const pointers = operands === 1 ? [a] : [a, b];
      body(lineAt(pointers, out));
      for (const p of pointers) f.step(p, bytes);
      f.step(out, single ? 4 : bytes);
      f.step(outer, -1);
    });
  });
  m.export(`${name}Columns`, COLUMNS, (f, { outer, n, inner, out, a, b }) => {
    const rowBytes = f.let(i32.shl(inner, 2));
    const blockBytes = f.let(i32.mul(rowBytes, n));
    const tail = f.let(f32x4.lt(laneNumbers(f), f32x4.splat(f32.convertI32S(i32.and(inner, 3)))));
    f.while(outer, () => {
      f.range(0, rowBytes, 16, (x) => {
        const inside = f.let(select(i32.gtU(i32.add(x, 16), rowBytes), tail, i32x4.const(-1)));
        const pointers = (operands === 1 ? [a] : [a, b]).map((p) => f.let(i32.add(p, x)));
        body(columnLine(f, n, rowBytes, inside, pointers, f.let(i32.add(out, x))));
      });
      for (const p of operands === 1 ? [a] : [a, b]) f.step(p, blockBytes);
      f.step(out, single ? rowBytes : blockBytes);
      f.step(outer, -1);
    });
  });
}

/** What gives the line at pointers to a row of `n` elements, which are `bytes` bytes. */
export function rowsOf(
  f: FunctionBuilder,
  n: Local<"i32">,
  bytes: Local<"i32">,
): (pointers: readonly Local<"i32">[], out: Local<"i32">) => Line {
  const whole = f.let(i32.and(bytes, -16));
  const tail = f.let(f32x4.lt(laneNumbers(f), f32x4.splat(f32.convertI32S(i32.and(n, 3)))));
  return (pointers, out) => rowLine(f, bytes, whole, tail, pointers, out);
}

/** The vector 0, 1, 2, 3. */
export function laneNumbers(f: FunctionBuilder): Lane {
  const two = f.let(v128.shuffle32(f.let(f32x4.const(0)), f.let(f32x4.const(1)), [0, 4, 0, 4]));
  const high = f.let(v128.shuffle32(f.let(f32x4.const(0)), f.let(f32x4.const(2)), [0, 0, 4, 4]));
  return f.let(f32x4.add(two, high));
}

/** Sums of four float32 lanes in two times two float64 lanes. */
function wideSum(f: FunctionBuilder): {
  readonly add: (x: Lane) => void;
  readonly low: Local<"v128">;
  readonly high: Local<"v128">;
} {
  const low = f.local("v128", 0);
  const high = f.local("v128", 0);
  const add = (x: Lane): void => {
    f.set(low, f64x2.add(low, f64x2.promoteLowF32x4(x)));
    f.set(high, f64x2.add(high, f64x2.promoteLowF32x4(v128.shuffle32(x, x, [2, 3, 2, 3]))));
  };
  return { add, low, high };
}

/** Vectors of a row that are visited in one turn, each with a partial result of its own, so that none waits for another. */
const TURN = 4;
const TURN_BYTES = 16 * TURN;
/** Bytes of a row whose sum is taken in float32, before it goes to a sum in double precision. */
const STRETCH = 64 * TURN_BYTES;

/** A vector of a row: how far it lies from the start, and a mask of the lanes that are inside; null where all are. */
interface Place {
  readonly x: Local<"i32">;
  readonly offset: number;
  readonly inside: Lane | null;
}

function rowLine(
  f: FunctionBuilder,
  bytes: Local<"i32">,
  whole: Local<"i32">,
  tail: Local<"v128">,
  pointers: readonly Local<"i32">[],
  out: Local<"i32">,
): Line {
  const l = new Lanes(f);
  /** Visits whole turns of vectors up to `end`. */
  const turns = (x: Local<"i32">, end: Value<"i32">, visit: (place: Place, turn: number) => void): void => {
    f.while(i32.ltU(x, end), () => {
      for (let turn = 0; turn < TURN; turn++) visit({ x, offset: 16 * turn, inside: null }, turn);
      f.step(x, TURN_BYTES);
    });
  };
  /** Visits what is left after whole turns. */
  const rest = (x: Local<"i32">, visit: (place: Place, turn: number) => void): void => {
    f.while(i32.ltU(x, bytes), () => {
      visit({ x, offset: 0, inside: f.let(select(i32.eq(x, whole), tail, i32x4.const(-1))) }, 0);
      f.step(x, 16);
    });
  };
  const each = (visit: (place: Place, turn: number) => void): void => {
    const x = f.local("i32", 0);
    turns(x, f.let(i32.and(bytes, -TURN_BYTES)), visit);
    rest(x, visit);
  };
  const elements = ({ x, offset }: Place): Lane[] => pointers.map((p) => f.let(v128.load(i32.add(p, x), offset)));
  const put = ({ x, offset }: Place, value: Lane): void => f.store(i32.add(out, x), value, offset);
  return {
    l,
    largest: () => {
      const best = Array.from({ length: TURN }, () => f.local("v128", Number.NEGATIVE_INFINITY));
      each((place, turn) => {
        const [x] = elements(place) as [Lane];
        const { inside } = place;
        f.set(best[turn]!, l.pmax(best[turn]!, inside === null ? x : l.select(inside, x, Number.NEGATIVE_INFINITY)));
      });
      const four = l.pmax(l.pmax(best[0]!, best[1]!), l.pmax(best[2]!, best[3]!));
      const two = f.let(f32x4.pmax(four, v128.shuffle32(four, four, [2, 3, 0, 1])));
      return f.let(f32x4.pmax(two, v128.shuffle32(two, two, [1, 0, 3, 2])));
    },
    sum: (make, keep = false) => {
      const total = wideSum(f);
      const parts = Array.from({ length: TURN }, () => f.local("v128"));
      const visit = (place: Place): Lane => {
        const value = make(...elements(place));
        const inside = place.inside === null ? value : l.and(value, place.inside);
        if (keep) put(place, inside);
        return inside;
      };
      const x = f.local("i32", 0);
      const turned = f.let(i32.and(bytes, -TURN_BYTES));
      f.while(i32.ltU(x, turned), () => {
        for (const part of parts) f.set(part, f32x4.const(0));
        const far = f.let(i32.add(x, STRETCH));
        turns(x, f.let(select(i32.ltU(far, turned), far, turned)), (place, turn) =>
          f.set(parts[turn]!, l.add(parts[turn]!, visit(place))),
        );
        total.add(l.add(l.add(parts[0]!, parts[2]!), l.add(parts[1]!, parts[3]!)));
      });
      rest(x, (place) => total.add(visit(place)));
      const both = f.let(f64x2.add(total.low, total.high));
      return f.let(f32x4.splat(f32.demote(f64.add(f64x2.extract(both, 0), f64x2.extract(both, 1)))));
    },
    write: (make) => each((place) => put(place, make(...elements(place)))),
    rewrite: (make) => each((place) => put(place, make(f.let(v128.load(i32.add(out, place.x), place.offset))))),
    writeOne: (value) => f.store(out, f32x4.extract(value, 0)),
  };
}

function columnLine(
  f: FunctionBuilder,
  n: Local<"i32">,
  rowBytes: Local<"i32">,
  inside: Local<"v128">,
  pointers: readonly Local<"i32">[],
  out: Local<"i32">,
): Line {
  const l = new Lanes(f);
  /** Visits the elements of the lines: byte offset. */
  const each = (visit: (x: Local<"i32">) => void): void => {
    const x = f.local("i32", 0);
    f.range(0, n, 1, () => {
      visit(x);
      f.step(x, rowBytes);
    });
  };
  const elements = (x: Local<"i32">): Lane[] => pointers.map((p) => f.let(v128.load(i32.add(p, x))));
  /** Lanes outside keep what is there: it belongs to lines that may be done already. */
  const put = (to: Local<"i32">, value: Lane): void => f.store(to, v128.bitselect(value, v128.load(to), inside));
  return {
    l,
    largest: () => {
      const best = f.local("v128", Number.NEGATIVE_INFINITY);
      each((x) => f.set(best, l.pmax(best, elements(x)[0]!)));
      return best;
    },
    sum: (make, keep = false) => {
      const total = wideSum(f);
      each((x) => {
        const value = make(...elements(x));
        if (keep) put(f.let(i32.add(out, x)), value);
        total.add(value);
      });
      const [low, high] = [f.let(f32x4.demoteF64x2(total.low)), f.let(f32x4.demoteF64x2(total.high))];
      return f.let(v128.shuffle32(low, high, [0, 1, 4, 5]));
    },
    write: (make) => each((x) => put(f.let(i32.add(out, x)), make(...elements(x)))),
    rewrite: (make) => {
      each((x) => {
        const to = f.let(i32.add(out, x));
        put(to, make(f.let(v128.load(to))));
      });
    },
    writeOne: (value) => put(out, value),
  };
}
