import type * as ops from "../../../src/ops/conv.ts";
import { build, type Elements, read, readPadded, shaped } from "../elements.ts";
import type { Sample, Samples } from "../sample.ts";

interface Laid {
  readonly stride?: readonly [number, number];
  readonly padding?: readonly [number, number];
  readonly dilation?: readonly [number, number];
  readonly groups?: number;
}

/** Σ over channels and the window, from its definition. @param after further zeros at the end of rows and columns */
function convolved(
  x: Elements,
  w: Elements,
  b: Elements | undefined,
  { stride = [1, 1], padding = [0, 0], dilation = [1, 1], groups = 1 }: Laid,
  after: readonly [number, number] = [0, 0],
): Elements {
  const [images, , ...size] = x.shape;
  const [outputs, channels, ...kernel] = w.shape as [number, number, number, number];
  const count = (d: 0 | 1): number =>
    Math.floor((size[d]! + 2 * padding[d] + after[d] - dilation[d] * (kernel[d] - 1) - 1) / stride[d]) + 1;
  return build([images!, outputs, count(0), count(1)], (n, o, i, j) => {
    let total = b === undefined ? 0 : read(b, o!);
    const group = Math.floor((o! * groups) / outputs);
    for (let c = 0; c < channels; c++) {
      for (let u = 0; u < kernel[0]; u++) {
        for (let v = 0; v < kernel[1]; v++) {
          const [row, column] = [
            i! * stride[0] + u * dilation[0] - padding[0],
            j! * stride[1] + v * dilation[1] - padding[1],
          ];
          total += readPadded(x, n!, group * channels + c, row, column) * read(w, o!, c, u, v);
        }
      }
    }
    return total;
  });
}

/** Every element of the input laid out over a window of the result, which is then cut. */
function transposed(
  x: Elements,
  w: Elements,
  b: Elements | undefined,
  { stride = [1, 1], padding = [0, 0], dilation = [1, 1], groups = 1 }: Laid,
  after: readonly [number, number] = [0, 0],
): Elements {
  const [images, channels, ...size] = x.shape as [number, number, number, number];
  const [, each, ...kernel] = w.shape as [number, number, number, number];
  const length = (d: 0 | 1): number =>
    (size[d] - 1) * stride[d] - 2 * padding[d] + dilation[d] * (kernel[d] - 1) + after[d] + 1;
  const shape = [images, each * groups, length(0), length(1)];
  const values = build(shape, (_, o) => (b === undefined ? 0 : read(b, o!))).values.slice();
  build(x.shape, (n, c, i, j) => {
    const group = Math.floor((c! * groups) / channels);
    build(w.shape.slice(1), (o, u, v) => {
      const [row, column] = [
        i! * stride[0] + u! * dilation[0] - padding[0],
        j! * stride[1] + v! * dilation[1] - padding[1],
      ];
      if (row < 0 || column < 0 || row >= shape[2]! || column >= shape[3]!) return 0;
      const at = ((n! * shape[1]! + group * each + o!) * shape[2]! + row) * shape[3]! + column;
      values[at] = values[at]! + read(x, n!, c!, i!, j!) * read(w, c!, o!, u!, v!);
      return 0;
    });
    return 0;
  });
  return { values, shape };
}

/** Signals [N, C, L] as images of height 1, and the result back as signals. */
const asLine =
  (f: typeof convolved, laid: Laid = {}, after: readonly [number, number] = [0, 0]) =>
  (x: Elements, w: Elements, b?: Elements): Elements => {
    const [n, c, l] = x.shape as [number, number, number];
    const [o, i, k] = w.shape as [number, number, number];
    const { values, shape } = f(shaped(x, n, c, 1, l), shaped(w, o, i, 1, k), b, laid, after);
    return { values, shape: [shape[0]!, shape[1]!, shape[3]!] };
  };

const sizes = (...shapes: number[][]): Pick<Sample, "inputs" | "empty"> => ({
  inputs: shapes.map((shape) => ({ shape })),
  empty: shapes.map((shape, i) => (i === 0 ? [0, ...shape.slice(1)] : shape)),
});

/** Convolutions, from the sums that define them. */
export const conv: Samples<typeof ops> = {
  conv2d: [
    {
      ...sizes([1, 1, 3, 3], [2, 1, 2, 2], [2]),
      define: (x, w, b) => convolved(x, w, b, {}),
    },
    {
      title: "two channels, stride, padding",
      ...sizes([1, 2, 3, 4], [1, 2, 2, 3]),
      call: (conv2d, x, w) => conv2d(x, w, null, { stride: [2, 1], padding: 1 }),
      define: (x, w) => convolved(x, w, undefined, { stride: [2, 1], padding: [1, 1] }),
    },
    {
      title: "dilation",
      ...sizes([1, 1, 3, 4], [1, 1, 2, 2], [1]),
      call: (conv2d, x, w, b) => conv2d(x, w, b, { dilation: [1, 2], padding: [0, 1] }),
      define: (x, w, b) => convolved(x, w, b, { dilation: [1, 2], padding: [0, 1] }),
    },
    {
      title: "groups",
      ...sizes([1, 2, 2, 2], [2, 1, 2, 2], [2]),
      call: (conv2d, x, w, b) => conv2d(x, w, b, { groups: 2 }),
      define: (x, w, b) => convolved(x, w, b, { groups: 2 }),
    },
    {
      title: "of one size, even kernel",
      ...sizes([1, 1, 3, 2], [1, 1, 2, 3]),
      call: (conv2d, x, w) => conv2d(x, w, null, { padding: "same" }),
      define: (x, w) => convolved(x, w, undefined, { padding: [0, 1] }, [1, 0]),
    },
    {
      title: "of a single image",
      inputs: [{ shape: [2, 2, 2] }, { shape: [1, 2, 2, 2] }],
      call: (conv2d, x, w) => conv2d(x, w, null, { padding: "valid" }),
      define: (x, w) => shaped(convolved(shaped(x, 1, 2, 2, 2), w, undefined, {}), 1, 1, 1),
      empty: null,
    },
  ],
  conv1d: [
    { ...sizes([2, 2, 3], [1, 2, 2], [1]), define: asLine(convolved) },
    {
      title: "stride, padding, dilation, groups",
      ...sizes([1, 2, 4], [2, 1, 2]),
      call: (conv1d, x, w) => conv1d(x, w, null, { stride: 2, padding: 1, dilation: [2], groups: 2 }),
      define: asLine(convolved, { stride: [1, 2], padding: [0, 1], dilation: [1, 2], groups: 2 }),
    },
    {
      title: "of one size",
      ...sizes([1, 1, 4], [1, 1, 2]),
      call: (conv1d, x, w) => conv1d(x, w, null, { padding: "same" }),
      define: asLine(convolved, {}, [0, 1]),
    },
  ],
  convTranspose2d: [
    { ...sizes([1, 1, 2, 2], [1, 2, 2, 2], [2]), define: (x, w, b) => transposed(x, w, b, {}) },
    {
      title: "stride, padding, more at the end",
      ...sizes([1, 2, 2, 2], [2, 1, 2, 2]),
      call: (convTranspose2d, x, w) =>
        convTranspose2d(x, w, null, { stride: 2, padding: [1, 0], outputPadding: [0, 1] }),
      define: (x, w) => transposed(x, w, undefined, { stride: [2, 2], padding: [1, 0] }, [0, 1]),
    },
    {
      title: "groups, dilation",
      ...sizes([1, 2, 2, 2], [2, 1, 2, 1], [2]),
      call: (convTranspose2d, x, w, b) => convTranspose2d(x, w, b, { groups: 2, dilation: 2 }),
      define: (x, w, b) => transposed(x, w, b, { groups: 2, dilation: [2, 2] }),
    },
  ],
  convTranspose1d: [
    {
      ...sizes([1, 2, 3], [2, 1, 2], [1]),
      call: (convTranspose1d, x, w, b) => convTranspose1d(x, w, b, { stride: 2, padding: 1, outputPadding: 1 }),
      define: asLine(transposed, { stride: [1, 2], padding: [0, 1] }, [0, 1]),
    },
    {
      title: "groups, dilation",
      ...sizes([1, 2, 3], [2, 1, 2]),
      call: (convTranspose1d, x, w) => convTranspose1d(x, w, null, { groups: 2, dilation: 2 }),
      define: asLine(transposed, { groups: 2, dilation: [1, 2] }),
    },
  ],
};
