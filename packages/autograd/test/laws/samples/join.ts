import type * as ops from "../../../src/ops/join.ts";
import { along, build, type Elements, map, number, picked, read, shaped } from "../elements.ts";
import type { Sample, Samples } from "../sample.ts";

/** One after the other along a dimension. */
const joined = (dim: number, ...parts: Elements[]): Elements => {
  const shape = parts[0]!.shape.map((n, d) => (d === dim ? parts.reduce((size, part) => size + part.shape[d]!, 0) : n));
  return build(shape, (...index) => {
    let [at, which] = [index[dim]!, 0];
    for (; at >= parts[which]!.shape[dim]!; which++) at -= parts[which]!.shape[dim]!;
    return read(parts[which]!, ...index.map((i, d) => (d === dim ? at : i)));
  });
};

const TWO = [{ shape: [2, 3] }, { shape: [1, 3] }] as const;
const ALIKE = [{ shape: [2, 2] }, { shape: [2, 2] }] as const;

/** The array side by side with itself. */
const repeated = (x: Elements, ...times: number[]): Elements => {
  const lead = times.length - x.shape.length;
  const own = times.map((_, d) => x.shape[d - lead] ?? 1);
  return build(
    own.map((size, d) => size * times[d]!),
    (...index) => read({ ...x, shape: own }, ...index.map((i, d) => i % own[d]!)),
  );
};

const rolled = (x: Elements, dim: number, shift: number): Elements =>
  along(x, dim, (line) => line.map((_, i) => line[(((i - shift) % line.length) + line.length) % line.length]!));

const triangle = (keep: (above: number) => boolean) => (x: Elements) =>
  map(x, (value, i) => (keep((i % 3) - (Math.floor(i / 3) % 3)) ? value : 0));

function triangles(keep: (above: number, diagonal: number) => boolean): readonly Sample<typeof ops.tril>[] {
  return [
    { inputs: [{ shape: [3, 3] }], define: triangle((above) => keep(above, 0)) },
    {
      title: "of a batch, beside the main diagonal",
      inputs: [{ shape: [2, 3, 3] }],
      call: (op, x) => op(x, -1),
      define: triangle((above) => keep(above, -1)),
    },
  ];
}

const padded =
  (place: (i: number) => number) =>
  (x: Elements): Elements =>
    picked(x, 2, [-2, -1, 0, 1, 2, 3].map(place));

const around = (mode: "reflect" | "replicate" | "circular", place: (i: number) => number): Sample<typeof ops.pad> => ({
  title: mode,
  inputs: [{ shape: [1, 2, 3] }],
  call: (pad, x) => pad(x, [2, 1], { mode }),
  define: padded(place),
});

/** What puts tensors together, repeats, moves, pads and cuts elements. */
export const join: Samples<typeof ops> = {
  cat: [
    {
      inputs: TWO,
      call: (cat, ...parts) => cat(parts),
      define: (...parts) => joined(0, ...parts),
      empty: [
        [0, 3],
        [1, 3],
      ],
    },
    {
      title: "three, along the last dimension",
      inputs: [{ shape: [2, 1] }, { shape: [2, 2] }, { shape: [2, 1] }],
      call: (cat, ...parts) => cat(parts, -1),
      define: (...parts) => joined(1, ...parts),
    },
    {
      title: "with nothing",
      inputs: [{ shape: [0] }, { shape: [1, 3] }, { shape: [2, 3] }],
      call: (cat, ...parts) => cat(parts, 0),
      define: (_, a, b) => joined(0, a, b),
    },
  ],
  stack: [
    {
      inputs: ALIKE,
      call: (stack, ...parts) => stack(parts, 1),
      define: (...parts) => joined(1, ...parts.map((part) => shaped(part, part.shape[0]!, 1, 2))),
    },
  ],
  hstack: [
    { inputs: ALIKE, call: (hstack, ...parts) => hstack(parts), define: (...parts) => joined(1, ...parts) },
    {
      title: "of vectors and numbers",
      inputs: [{ shape: [3] }, { shape: [] }],
      call: (hstack, ...parts) => hstack(parts),
      define: (...parts) => joined(0, ...parts.map((part) => shaped(part, part.values.length))),
      empty: [[0], []],
    },
  ],
  vstack: [
    {
      inputs: TWO,
      call: (vstack, ...parts) => vstack(parts),
      define: (...parts) => joined(0, ...parts),
      empty: [
        [0, 3],
        [1, 3],
      ],
    },
    {
      title: "of vectors",
      inputs: [{ shape: [3] }, { shape: [3] }],
      call: (vstack, ...parts) => vstack(parts),
      define: (...parts) => joined(0, ...parts.map((part) => shaped(part, 1, part.values.length))),
    },
  ],
  repeat: [
    {
      inputs: [{ shape: [2, 2] }],
      call: (repeat, x) => repeat(x, 2, 1, 2),
      define: (x) => repeated(x, 2, 1, 2),
    },
    { title: "never", inputs: [{ shape: [2] }], call: (repeat, x) => repeat(x, [0]), define: (x) => repeated(x, 0) },
  ],
  tile: [{ inputs: [{ shape: [2, 2] }], call: (tile, x) => tile(x, 3), define: (x) => repeated(x, 1, 3) }],
  repeatInterleave: [
    {
      inputs: [{ shape: [2, 2] }],
      call: (repeatInterleave, x) => repeatInterleave(x, 2, 1),
      define: (x) => along(x, 1, (line) => line.flatMap((value) => [value, value])),
    },
    {
      title: "each its own number of times",
      inputs: [{ shape: [3, 2] }],
      call: (repeatInterleave, x) => repeatInterleave(x, [2, 0, 1], 0),
      define: (x) => picked(x, 0, [0, 0, 2]),
      empty: [[3, 0]],
    },
    {
      title: "flattened",
      inputs: [{ shape: [2, 2] }],
      call: (repeatInterleave, x) => repeatInterleave(x, 3),
      define: (x) => build([3 * x.values.length], (i) => x.values[Math.floor(i / 3)]!),
    },
  ],
  roll: [
    {
      inputs: [{ shape: [2, 3] }],
      call: (roll, x) => roll(x, [1, -2], [0, 1]),
      define: (x) => rolled(rolled(x, 0, 1), 1, -2),
    },
    {
      title: "flattened",
      inputs: [{ shape: [2, 3] }],
      call: (roll, x) => roll(x, 4),
      define: (x) => shaped(rolled(shaped(x, x.values.length), 0, 4), ...x.shape),
    },
  ],
  flip: [
    {
      inputs: [{ shape: [2, 3] }],
      call: (flip, x) => flip(x, [0, -1]),
      define: (x) => ({ ...x, values: [...x.values].reverse() }),
    },
    {
      title: "one dimension",
      inputs: [{ shape: [2, 3] }],
      call: (flip, x) => flip(x, 1),
      define: (x) => along(x, 1, (line) => line.reverse()),
    },
  ],
  pad: [
    {
      title: "with a value, and less where negative",
      inputs: [{ shape: [2, 3] }],
      call: (pad, x) => pad(x, [1, -1, 0, 2], { value: 1.5 }),
      define: (x) => {
        const inside = (i: number, j: number): boolean => i < x.shape[0]! && j > 0;
        return build([x.shape[0]! + 2, 3], (i, j) => (inside(i, j) ? read(x, i, j - 1) : 1.5));
      },
    },
    around("reflect", (i) => [2, 1, 0, 1, 2, 1][i + 2]!),
    around("replicate", (i) => Math.min(Math.max(i, 0), 2)),
    around("circular", (i) => (i + 3) % 3),
  ],
  trace: [
    {
      inputs: [{ shape: [2, 3] }],
      define: (x) => number(x.shape[0] === 0 ? 0 : x.values[0]! + x.values[4]!),
    },
  ],
  tril: triangles((above, diagonal) => above <= diagonal),
  triu: triangles((above, diagonal) => above >= diagonal),
};
