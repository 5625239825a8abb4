import type { Input, Inputs } from "../inputs.ts";

/** The input of a name. */
export function inputOf(inputs: Inputs, name: string): Input {
  const found = inputs[name];
  if (found === undefined) throw new Error(`there is no input ${name}`);
  return found;
}

/** Class numbers as rows of zeros with a one. */
export function oneHot({ values }: Input, classes: number): Float32Array<ArrayBuffer> {
  const rows = new Float32Array(values.length * classes);
  values.forEach((label, i) => {
    rows[i * classes + label] = 1;
  });
  return rows;
}

/** A matrix with its rows as columns. */
export function transposed(values: ArrayLike<number>, rows: number, columns: number): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: rows * columns }, (_, i) => values[(i % rows) * columns + Math.floor(i / rows)]!);
}

/** 1 where a step must not look, since it is later: [steps, steps], as what is added to the scores. */
export function causalMask(steps: number): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: steps * steps }, (_, i) => (i % steps > Math.floor(i / steps) ? -1e9 : 0));
}

/** One parameter of a model, as other libraries hold it: the matrix of a linear layer as [in, out]. */
export interface Weight {
  /** Its name, without the prefix that marks the model's inputs. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
  /** Values of this layout in ours. */
  readonly back: (values: ArrayLike<number>) => ArrayLike<number>;
}

const PREFIX = "model.";

/** The parameters among the inputs, in order; those in `tables` are no linear layers and stay as they are. */
export function weightsOf(inputs: Inputs, tables: readonly string[] = []): Weight[] {
  return Object.entries(inputs)
    .filter(([name]) => name.startsWith(PREFIX))
    .map(([prefixed, { shape, values }]) => {
      const name = prefixed.slice(PREFIX.length);
      const given = values as Float32Array;
      const [rows = 0, columns = 0] = shape;
      if (shape.length !== 2 || tables.includes(name)) return { name, shape, values: given, back: (now) => now };
      return {
        name,
        shape: [columns, rows],
        values: transposed(given, rows, columns),
        back: (now) => transposed(now, columns, rows),
      };
    });
}

/** How far parameters have gone from where they started, in one vector and in our layout. */
export function changeOf(weights: readonly Weight[], now: readonly ArrayLike<number>[]): Float32Array<ArrayBuffer> {
  const pieces = weights.map(({ values, back }, i) => {
    const [before, after] = [back(values), back(now[i]!)];
    return Array.from(before, (value, j) => after[j]! - value);
  });
  return Float32Array.from(pieces.flat());
}
