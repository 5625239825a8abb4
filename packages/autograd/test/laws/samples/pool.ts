import type * as ops from "../../../src/ops/pool.ts";
import { build, type Elements, read, readPadded, shaped, sum } from "../elements.ts";
import type { InputSample, Sample, Samples } from "../sample.ts";

type Pair = readonly [number, number];

interface Windows {
  readonly kernel: Pair;
  readonly stride?: Pair;
  readonly padding?: Pair;
  readonly dilation?: Pair;
  readonly ceil?: boolean;
}

/** Of each window the elements inside the image, and how many it has within the padded image. */
function windows(
  x: Elements,
  { kernel, stride = kernel, padding = [0, 0], dilation = [1, 1], ceil = false }: Windows,
  f: (inside: number[], size: number) => number,
): Elements {
  const [n, c, ...size] = x.shape as [number, number, number, number];
  const count = (d: 0 | 1): number => {
    const room = size[d] + 2 * padding[d] - dilation[d] * (kernel[d] - 1) - 1;
    const steps = (ceil ? Math.ceil : Math.floor)(room / stride[d]);
    return steps * stride[d] >= size[d] + padding[d] ? steps : steps + 1; // no window starts in the padding at the end
  };
  return build([n, c, count(0), count(1)], (image, channel, i, j) => {
    const inside: number[] = [];
    let area = 0;
    for (let u = 0; u < kernel[0]; u++) {
      for (let v = 0; v < kernel[1]; v++) {
        const [row, column] = [
          i! * stride[0] + u * dilation[0] - padding[0],
          j! * stride[1] + v * dilation[1] - padding[1],
        ];
        if (row < size[0] + padding[0] && column < size[1] + padding[1]) area++;
        if (row >= 0 && column >= 0 && row < size[0] && column < size[1])
          inside.push(read(x, image!, channel!, row, column));
      }
    }
    return f(inside, area);
  });
}

const largest = (inside: readonly number[]): number => Math.max(...inside);

/** Window i of a dimension of `size` for a result of `count`. */
const range = (i: number, size: number, count: number): [from: number, to: number] => [
  Math.floor((i * size) / count),
  Math.ceil(((i + 1) * size) / count),
];

function adaptive(x: Elements, [rows, columns]: Pair, f: (inside: number[]) => number): Elements {
  const [n, c, height, width] = x.shape as [number, number, number, number];
  return build([n, c, rows, columns], (image, channel, i, j) => {
    const [top, bottom] = range(i!, height, rows);
    const [left, right] = range(j!, width, columns);
    const inside: number[] = [];
    for (let row = top; row < bottom; row++) {
      for (let column = left; column < right; column++) inside.push(read(x, image!, channel!, row, column));
    }
    return f(inside);
  });
}

const mean = (values: readonly number[]): number => sum(values) / values.length;

/** Signals as images of height 1, and back. */
const asLine =
  (f: (images: Elements) => Elements) =>
  (x: Elements): Elements => {
    const [n, c, l] = x.shape as [number, number, number];
    const { values, shape } = f(shaped(x, n, c, 1, l));
    return { values, shape: [n, c, shape[3]!] };
  };

const images = (...shape: number[]): { readonly inputs: readonly InputSample[] } => ({
  inputs: [{ shape, distinct: true }],
});

const columns = (x: Elements, { kernel, stride = [1, 1], padding = [0, 0], dilation = [1, 1] }: Windows): Elements => {
  const [n, c, ...size] = x.shape as [number, number, number, number];
  const [down, across] = ([0, 1] as const).map(
    (d) => Math.floor((size[d] + 2 * padding[d] - dilation[d] * (kernel[d] - 1) - 1) / stride[d]) + 1,
  ) as [number, number];
  return build([n, c * kernel[0] * kernel[1], down * across], (image, place, window) => {
    const [v, u] = [place! % kernel[1], Math.floor(place! / kernel[1]) % kernel[0]];
    const channel = Math.floor(place! / (kernel[0] * kernel[1]));
    const [i, j] = [Math.floor(window! / across), window! % across];
    return readPadded(
      x,
      image!,
      channel,
      i * stride[0] + u * dilation[0] - padding[0],
      j * stride[1] + v * dilation[1] - padding[1],
    );
  });
};

/** Windows laid back over each other, as the transpose of {@link columns}, found by taking the columns of an image of places. */
function overlaid(x: Elements, [height, width]: Pair, laid: Windows): Elements {
  const [n, rows, count] = x.shape as [number, number, number];
  const c = rows / (laid.kernel[0] * laid.kernel[1]);
  const places = columns(
    build([1, c, height, width], (_, channel, i, j) => (channel! * height + i!) * width + j! + 1),
    laid,
  );
  const values = new Array<number>(n * c * height * width).fill(0);
  x.values.forEach((value, at) => {
    const place = places.values[at % (rows * count)]!;
    if (place > 0) values[Math.floor(at / (rows * count)) * c * height * width + place - 1]! += value;
  });
  return { values, shape: [n, c, height, width] };
}

type MaxPool = Sample<typeof ops.maxPool2d>;

const maxPool = (title: string, shape: number[], laid: Windows): MaxPool => ({
  title,
  ...images(...shape),
  call: (maxPool2d, x) => {
    const { kernel, stride = kernel, padding = 0, dilation = 1, ceil: ceilMode = false } = laid;
    return maxPool2d(x, kernel, { stride, padding, dilation, ceilMode });
  },
  define: (x) => windows(x, laid, largest),
});

/** Poolings and windows. */
export const pool: Samples<typeof ops> = {
  maxPool2d: [
    maxPool("plain", [1, 2, 2, 4], { kernel: [2, 2] }),
    maxPool("overlapping, padded", [1, 1, 3, 3], { kernel: [2, 3], stride: [1, 2], padding: [1, 1] }),
    maxPool("dilated", [1, 1, 4, 3], { kernel: [2, 2], stride: [1, 1], dilation: [2, 1] }),
    maxPool("over the end", [1, 1, 3, 3], { kernel: [2, 2], ceil: true }),
  ],
  maxPool1d: [
    {
      ...images(1, 2, 5),
      call: (maxPool1d, x) => maxPool1d(x, 2, { stride: 2, padding: 1, ceilMode: true }),
      define: asLine((x) => windows(x, { kernel: [1, 2], stride: [1, 2], padding: [0, 1], ceil: true }, largest)),
    },
  ],
  avgPool2d: [
    {
      ...images(1, 2, 2, 4),
      call: (avgPool2d, x) => avgPool2d(x, 2),
      define: (x) => windows(x, { kernel: [2, 2] }, mean),
    },
    {
      title: "padding that counts",
      ...images(1, 1, 3, 4),
      call: (avgPool2d, x) => avgPool2d(x, [2, 3], { stride: 2, padding: 1, ceilMode: true }),
      define: (x) => {
        const laid: Windows = { kernel: [2, 3], stride: [2, 2], padding: [1, 1], ceil: true };
        return windows(x, laid, (inside, area) => sum(inside) / area);
      },
    },
    {
      title: "padding that does not count",
      ...images(1, 1, 3, 3),
      call: (avgPool2d, x) => avgPool2d(x, 2, { padding: 1, countIncludePad: false }),
      define: (x) => windows(x, { kernel: [2, 2], padding: [1, 1] }, mean),
    },
    {
      title: "another divisor",
      inputs: [{ shape: [1, 3, 3] }],
      call: (avgPool2d, x) => avgPool2d(x, 2, { stride: 1, divisorOverride: 3 }),
      define: (x) =>
        shaped(
          windows(shaped(x, 1, 1, 3, 3), { kernel: [2, 2], stride: [1, 1] }, (inside) => sum(inside) / 3),
          1,
          2,
          2,
        ),
      empty: null,
    },
  ],
  avgPool1d: [
    {
      ...images(2, 1, 4),
      call: (avgPool1d, x) => avgPool1d(x, 3, { stride: 1, padding: 1 }),
      define: asLine((x) =>
        windows(x, { kernel: [1, 3], stride: [1, 1], padding: [0, 1] }, (inside, area) => sum(inside) / area),
      ),
    },
  ],
  adaptiveAvgPool2d: [
    {
      ...images(1, 1, 3, 4),
      call: (adaptiveAvgPool2d, x) => adaptiveAvgPool2d(x, [2, 3]),
      define: (x) => adaptive(x, [2, 3], mean),
    },
    {
      title: "a size kept",
      ...images(1, 1, 2, 3),
      call: (adaptiveAvgPool2d, x) => adaptiveAvgPool2d(x, [null, 1]),
      define: (x) => adaptive(x, [2, 1], mean),
    },
  ],
  adaptiveAvgPool1d: [
    {
      ...images(1, 2, 5),
      call: (adaptiveAvgPool1d, x) => adaptiveAvgPool1d(x, 3),
      define: asLine((x) => adaptive(x, [1, 3], mean)),
    },
  ],
  adaptiveMaxPool2d: [
    {
      ...images(1, 1, 3, 4),
      call: (adaptiveMaxPool2d, x) => adaptiveMaxPool2d(x, [2, 3]),
      define: (x) => adaptive(x, [2, 3], largest),
    },
  ],
  adaptiveMaxPool1d: [
    {
      ...images(1, 2, 5),
      call: (adaptiveMaxPool1d, x) => adaptiveMaxPool1d(x, 3),
      define: asLine((x) => adaptive(x, [1, 3], largest)),
    },
  ],
  im2col: [
    { ...images(1, 2, 2, 3), call: (im2col, x) => im2col(x, 2), define: (x) => columns(x, { kernel: [2, 2] }) },
    {
      title: "padded, dilated, with a stride",
      ...images(1, 1, 3, 3),
      call: (im2col, x) => im2col(x, [2, 1], { padding: [1, 0], dilation: [2, 1], stride: [1, 2] }),
      define: (x) => columns(x, { kernel: [2, 1], padding: [1, 0], dilation: [2, 1], stride: [1, 2] }),
    },
  ],
  col2im: [
    {
      ...images(1, 4, 4),
      call: (col2im, x) => col2im(x, 3, 2),
      define: (x) => overlaid(x, [3, 3], { kernel: [2, 2] }),
    },
    {
      title: "padded, with a stride",
      ...images(2, 2, 4),
      call: (col2im, x) => col2im(x, [3, 2], [2, 1], { padding: [1, 0], stride: [2, 1] }),
      define: (x) => overlaid(x, [3, 2], { kernel: [2, 1], padding: [1, 0], stride: [2, 1] }),
    },
  ],
};
