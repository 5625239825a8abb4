import { type Callee, f32, f32x4, i32, type ModuleBuilder, v128 } from "../../wasm/encoder.ts";
import { transposed } from "./pack.ts";

/** Pointers are to row-major matrices, `bias` to a row or to nothing. */
const PARAMS = { rows: "i32", columns: "i32", from: "i32", bias: "i32", to: "i32" } as const;

/** Turns a matrix round. */
export type Turn = Callee<typeof PARAMS, null>;

/** to[rows × columns] = from[columns × rows] transposed, plus the row `bias` if there is one: by squares of four, and what is left one by one. */
export function turnFunction(m: ModuleBuilder): Turn {
  return m.function("turn", PARAMS, (f, { rows, columns, from, bias, to }) => {
    const [fromRow, toRow] = [f.let(i32.shl(rows, 2)), f.let(i32.shl(columns, 2))];
    const [wide, high] = [f.let(i32.and(columns, -4)), f.let(i32.and(rows, -4))];
    const single = (row: typeof rows, column: typeof rows): void => {
      const at = i32.add(from, i32.add(i32.mul(column, fromRow), i32.shl(row, 2)));
      const goal = i32.add(to, i32.add(i32.mul(row, toRow), i32.shl(column, 2)));
      const value = f.let(f32.load(at));
      f.if(bias, () => f.set(value, f32.add(value, f32.load(i32.add(bias, i32.shl(column, 2))))));
      f.store(goal, value);
    };
    f.range(0, wide, 4, (column) => {
      const added = f.local("v128");
      f.set(added, f32x4.const(0));
      f.if(bias, () => f.set(added, v128.load(i32.add(bias, i32.shl(column, 2)))));
      const source = f.let(i32.add(from, i32.mul(column, fromRow)));
      const goal = f.let(i32.add(to, i32.shl(column, 2)));
      f.range(0, high, 4, () => {
        const at = f.let(source);
        const square = [0, 1, 2, 3].map(() => {
          const line = f.let(v128.load(at));
          f.step(at, fromRow);
          return line;
        });
        for (const line of transposed(f, square)) {
          f.store(goal, f32x4.add(line, added));
          f.step(goal, toRow);
        }
        f.step(source, 16);
      });
      f.range(high, rows, 1, (row) => f.range(column, i32.add(column, 4), 1, (c) => single(row, c)));
    });
    f.range(wide, columns, 1, (column) => f.range(0, rows, 1, (row) => single(row, column)));
  });
}
