import { fillRun } from "../copyRun.ts";
import type { Call } from "../threads/parts.ts";
import type { Frame } from "../wasm/launch.ts";
import { views } from "../wasm/scratch.ts";
import { type Block, channelOf, type Field } from "./convField.ts";
import { convCode } from "./convModule.ts";

/** Bytes of an element. */
export const WORD = 4;

/** Neighbours in a vector. */
export const LANES = 4;

/** Bytes of fields that are filled at once: they stay in the second-level cache. */
export const AT_ONCE = 65536;

/** A table of integers in scratch space. */
export function table(frame: Frame, values: ArrayLike<number>): { readonly start: number; readonly end: number } {
  const start = frame.workspace(WORD * values.length);
  views().int32.set(values, start / WORD);
  return { start, end: start + WORD * values.length };
}

/** Distances in elements as distances in bytes. */
export function inBytes(elements: readonly number[]): number[] {
  return elements.map((n) => n * WORD);
}

/** Space for fields, filled with what their padding holds. A vector may be read beyond the end. */
export function fieldSpace(frame: Frame, bytes: number, padding = 0): number {
  const start = frame.workspace(bytes + WORD * LANES);
  clear(start, bytes + WORD * LANES, padding);
  return start;
}

/** Writes one number everywhere. */
export function clear(start: number, bytes: number, value = 0): void {
  fillRun(views().float32, value, start / WORD, bytes / WORD);
}

/** Copies the blocks of planes into their fields, side by side; the padding stays. */
export function fillField(
  call: Call,
  field: Field,
  blocks: readonly Block[],
  to: number,
  from: number,
  planes: number,
): void {
  const { height, width, stride, pitch } = field;
  for (const block of blocks) {
    call(
      convCode().place,
      planes,
      block.rows,
      block.columns,
      to + WORD * block.to,
      WORD * channelOf(field),
      WORD * pitch,
      WORD,
      from + WORD * block.from,
      WORD * height * width,
      WORD * stride[0] * width,
      WORD * stride[1],
    );
  }
}

/** A block of outputs: how many, where the first of them lies in its plane, and how far apart rows are. */
export interface Outputs {
  readonly rows: number;
  readonly columns: number;
  readonly first: number;
  readonly rowStep: number;
}

/**
 * Where vectors of neighbouring outputs lie, in pairs: in the field, and in the result. Where the result has no room for whole
 * vectors or lies in steps, `direct` is false, and they lie in a block aside, whose rows are rounded up to whole vectors.
 */
export function vectorsOf({ rows, columns, first, rowStep }: Outputs, pitch: number, direct: boolean): number[] {
  const list: number[] = [];
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j += LANES) {
      // the last vector of a row lies over the one before rather than past the end
      const at = direct ? Math.min(j, columns - LANES) : j;
      list.push(i * pitch + at, direct ? first + i * rowStep + at : i * roundUp(columns) + at);
    }
  }
  return list;
}

/** Columns rounded up to whole vectors. */
export function roundUp(columns: number): number {
  return Math.ceil(columns / LANES) * LANES;
}
