/**
 * Attention, eight queries at a time: their scores lie key by key, so that a vector holds one key's scores with four queries, and what
 * happens to all keys of a query happens in its lane.
 */
import {
  type Callee,
  type FunctionBuilder,
  f32x4,
  f64x2,
  i32,
  type Local,
  type ModuleBuilder,
  select,
  type Value,
  v128,
} from "../../wasm/encoder.ts";
import { type Lane, Lanes } from "../../wasm/lanes.ts";
import { halves, joined } from "../doubleLanes.ts";
import { type Pack, packFunction } from "../matmul/pack.ts";
import { laneNumbers } from "../softmax/lineModule.ts";
import { type Product, productFunction, TILE_COLUMNS, TILE_ROWS } from "./product.ts";

/** Queries of a block. */
export const QUERIES: number = TILE_COLUMNS;
/** Bytes that a key has in a block. */
export const KEY_BYTES: number = 4 * QUERIES;
/** The vectors of a key in a block. */
export const VECTORS: readonly [0, 1] = [0, 1];

const MOVE = { rows: "i32", columns: "i32", from: "i32", rowStep: "i32", to: "i32" } as const;

/** The functions that forward and backward are made of. */
export interface Tools {
  readonly product: Product;
  /** Makes panels of four rows, for the left side of a product. */
  readonly packRows: Pack;
  /** Makes panels of eight, for the right side of a product. */
  readonly packQueries: Pack;
  /** Moves rows together, for the right side of a product: steps far apart would all fall into one set of the cache. */
  readonly moveRows: Callee<typeof MOVE, null>;
}

/** Adds the tools to a module. */
export function toolsOf(m: ModuleBuilder): Tools {
  return {
    product: productFunction(m),
    packRows: packFunction(m, "packRows", TILE_ROWS),
    packQueries: packFunction(m, "packQueries", QUERIES),
    moveRows: m.function("moveRows", MOVE, (f, { rows, columns, from, rowStep, to }) => {
      const toStep = f.let(movedStep(columns));
      const bytes = f.let(i32.shl(columns, 2));
      f.while(rows, () => {
        const [source, target] = [f.let(from), f.let(to)];
        const end = f.let(i32.add(to, bytes));
        // whole vectors: what is written past the end lies between the rows
        f.while(i32.ltU(target, end), () => {
          f.store(target, f.let(v128.load(source)));
          f.step(source, 16);
          f.step(target, 16);
        });
        f.step(from, rowStep);
        f.step(to, toStep);
        f.step(rows, -1);
      });
    }),
  };
}

/** Bytes between rows that are kept, so that those of one column do not all fall into one set of the cache. */
export const ROW_GAP = 64;

/** Bytes from row to row where {@link Tools.moveRows} has put them. */
export function movedStep(columns: Local<"i32">): Value<"i32"> {
  return i32.add(i32.shl(columns, 2), ROW_GAP);
}

/** The smaller of two integers. */
export function lesser(a: Value<"i32">, b: Value<"i32">): Value<"i32"> {
  return select(i32.ltS(a, b), a, b);
}

/** Packs all rows of a matrix into panels of four. */
export function packAll(
  f: FunctionBuilder,
  { packRows }: Tools,
  rows: Local<"i32">,
  depth: Local<"i32">,
  from: Local<"i32">,
  rowStep: Local<"i32">,
  to: Local<"i32">,
): void {
  f.range(0, rows, TILE_ROWS, (i) => {
    f.call(packRows, {
      columns: i32.sub(rows, i),
      depth,
      from: i32.add(from, i32.mul(i, rowStep)),
      columnStep: rowStep,
      depthStep: 4,
      to: i32.add(to, i32.shl(i32.mul(i, depth), 2)),
    });
  });
}

/** The keys that a block of queries looks at: where their scores begin, where those begin of which queries may look at some, and the end. */
export interface Visible {
  readonly count: Local<"i32">;
  readonly start: Local<"i32">;
  readonly diagonal: Local<"i32">;
  readonly end: Local<"i32">;
}

/** The keys that the queries from number `first` on look at. */
export function visibleTo(
  f: FunctionBuilder,
  first: Local<"i32">,
  columns: Local<"i32">,
  causal: Local<"i32">,
  start: Local<"i32">,
): Visible {
  const count = f.let(columns);
  const whole = f.let(columns);
  f.if(causal, () => {
    f.set(count, lesser(i32.add(first, QUERIES), columns));
    f.set(whole, lesser(first, columns));
  });
  const place = (keys: Local<"i32">): Local<"i32"> => f.let(i32.add(start, i32.mul(keys, KEY_BYTES)));
  return { count, start, diagonal: place(whole), end: place(count) };
}

/**
 * Visits the keys of a block, first those that all its queries look at, then the others, whose queries that do not are in a mask.
 *
 * @param body writes the code for a key whose scores are at `p`, given masks for the vectors, or null
 */
export function eachKey(
  f: FunctionBuilder,
  { start, diagonal, end }: Visible,
  body: (p: Local<"i32">, hidden: readonly Lane[] | null) => void,
): void {
  const l = new Lanes(f);
  const p = f.let(start);
  f.while(i32.ltU(p, diagonal), () => {
    body(p, null);
    f.step(p, KEY_BYTES);
  });
  const numbers = f.let(laneNumbers(f));
  const queries = [numbers, f.let(f32x4.add(numbers, 4))];
  const key = f.local("v128", 0);
  f.while(i32.ltU(p, end), () => {
    body(
      p,
      queries.map((own) => l.gt(key, own)),
    );
    f.set(key, f32x4.add(key, 1));
    f.step(p, KEY_BYTES);
  });
}

/** A sum in each of four lanes, in double precision, which starts from 0 where it is made. */
export class LaneSum {
  readonly #f: FunctionBuilder;
  readonly #low: Local<"v128">;
  readonly #high: Local<"v128">;

  constructor(f: FunctionBuilder) {
    this.#f = f;
    [this.#low, this.#high] = [f.local("v128", 0), f.local("v128", 0)];
  }

  /** Adds to each lane. */
  add(lanes: Local<"v128">): void {
    const { low, high } = halves(this.#f, lanes);
    this.#f.set(this.#low, f64x2.add(this.#low, low));
    this.#f.set(this.#high, f64x2.add(this.#high, high));
  }

  /** The sums, rounded. */
  total(): Local<"v128"> {
    return this.#f.let(joined(this.#low, this.#high));
  }
}
