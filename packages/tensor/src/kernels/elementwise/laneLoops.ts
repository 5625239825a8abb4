import type { DType } from "../../dtype.ts";
import { type FunctionBuilder, i32, i32x4, type Local, type ModuleBuilder, v128 } from "../../wasm/encoder.ts";
import { type Lane, type LaneFunction, Lanes } from "../../wasm/lanes.ts";

/** What a lane kernel is made of. */
export interface LaneSpec {
  readonly name: string;
  /** dtypes of the one to three operands: float32, or bool, which comes as a mask. */
  readonly inputs: readonly DType[];
  /** dtype of the result: float32, or bool from a mask. @defaultValue float32 */
  readonly output?: DType;
  /** How many numbers the function takes after the operands, at most two; they come in every lane. @defaultValue 0 */
  readonly scalars?: 0 | 1 | 2;
  /** Vectors a turn of the loop: 2 where there are few instructions, 1 where there are many. @defaultValue 1 */
  readonly unroll?: 1 | 2;
  /** The function: lanes of the operands, then of the numbers. */
  readonly lanes: LaneFunction;
  /** A shorter form of a function of one operand, for the values that are usual. @defaultValue none */
  readonly usual?: UsualForm;
}

/** A function that holds for some values only, and what tells them. */
export interface UsualForm {
  /** The same to the last bit as the function in full, where it holds. */
  readonly lanes: LaneFunction;
  /** Unsigned integers, which are at most `limit` where it holds. */
  readonly measure: LaneFunction;
  readonly limit: number;
}

/** The names of the loops: bit i says that operand i stays the same along a row. */
export const variants: readonly string[] = Array.from({ length: 8 }, (_, constant) => `constant${constant}`);

const PARAMS = {
  rows: "i32",
  columns: "i32",
  out: "i32",
  outStep: "i32",
  first: "f32",
  second: "f32",
  a: "i32",
  aStep: "i32",
  b: "i32",
  bStep: "i32",
  c: "i32",
  cStep: "i32",
} as const;

/**
 * Exports one loop for each choice of operands that stay the same along a row, except all of them. Steps are bytes from row to row.
 * Rows are done in whole vectors, so up to 28 bytes past their end are read and written.
 */
export function exportLaneLoops(m: ModuleBuilder, spec: LaneSpec): void {
  const count = spec.inputs.length;
  const choices = count === 1 ? 1 : 2 ** count - 1;
  for (let constant = 0; constant < choices; constant++) {
    m.export(variants[constant]!, PARAMS, (f, { rows, columns, out, outStep, ...p }) => {
      const l = new Lanes(f);
      const numbers = [p.first, p.second].slice(0, spec.scalars ?? 0).map((s) => l.splat(s));
      const operands = spec.inputs.map((dtype, i): Operand => {
        const pointer = [p.a, p.b, p.c][i]!;
        return { dtype, pointer, step: [p.aStep, p.bStep, p.cStep][i]!, constant: (constant & (1 << i)) !== 0 };
      });
      const rowBytes = f.let(spec.output === "bool" ? columns : i32.shl(columns, 2));
      f.while(rows, () => {
        laneRow(f, l, spec, operands, numbers, out, rowBytes);
        f.step(out, outStep);
        for (const { pointer, step } of operands) f.step(pointer, step);
        f.step(rows, -1);
      });
    });
  }
}

/** The name of the loop that {@link exportUsualLoop} makes. */
export const USUAL = "usual";

/**
 * Exports the loop of the short form over one row, in pairs of vectors. It gives 1 if some element (or what lies behind the last one) was
 * not a usual one, in which case the results are to be computed again.
 */
export function exportUsualLoop(m: ModuleBuilder, { lanes, measure, limit }: UsualForm): void {
  m.export(USUAL, { columns: "i32", out: "i32", a: "i32" }, (f, { columns, out, a }) => {
    const l = new Lanes(f);
    const end = f.let(i32.add(out, i32.shl(columns, 2)));
    const largest = f.local("v128", 0);
    f.while(i32.ltU(out, end), () => {
      for (const offset of [0, 16]) {
        const x = f.let(v128.load(a, offset));
        f.set(largest, i32x4.maxU(largest, measure(l, x)));
        f.store(out, lanes(l, x), offset);
      }
      f.step(out, 32);
      f.step(a, 32);
    });
    return v128.anyTrue(i32x4.gtU(largest, limit));
  });
}

interface Operand {
  readonly dtype: DType;
  readonly pointer: Local<"i32">;
  readonly step: Local<"i32">;
  readonly constant: boolean;
}

/** The loop along a row. */
function laneRow(
  f: FunctionBuilder,
  l: Lanes,
  { lanes, output, unroll = 1 }: LaneSpec,
  operands: readonly Operand[],
  numbers: readonly Lane[],
  out: Local<"i32">,
  rowBytes: Local<"i32">,
): void {
  const end = f.let(i32.add(out, rowBytes));
  const o = f.let(out);
  const along = operands.map(({ dtype, pointer, constant }) => {
    if (constant) return constantLane(f, dtype, pointer);
    return { p: f.let(pointer), bytes: dtype === "bool" ? 4 : 16, dtype };
  });
  const bytes = output === "bool" ? 4 : 16;
  f.while(i32.ltU(o, end), () => {
    for (let turn = 0; turn < unroll; turn++) {
      const given = along.map((x) => ("code" in x ? x : loadLane(f, x.dtype, x.p, turn * x.bytes)));
      const result = lanes(l, ...given, ...numbers);
      if (output === "bool") f.storeLane32(o, v128.maskToBytes(result), 0, 4 * turn);
      else f.store(o, result, 16 * turn);
    }
    f.step(o, bytes * unroll);
    for (const x of along) if (!("code" in x)) f.step(x.p, x.bytes * unroll);
  });
}

/** Four lanes of an operand; truth values as a mask. */
export function loadLane(f: FunctionBuilder, dtype: DType, p: Local<"i32">, offset: number): Lane {
  if (dtype === "float32") return f.let(v128.load(p, offset));
  return f.let(i32x4.ne(v128.bytesTo32(v128.load32Zero(p, offset)), 0));
}

function constantLane(f: FunctionBuilder, dtype: DType, p: Local<"i32">): Lane {
  if (dtype === "float32") return f.let(v128.load32Splat(p));
  return f.let(i32x4.ne(i32x4.splat(i32.load8U(p)), 0));
}
