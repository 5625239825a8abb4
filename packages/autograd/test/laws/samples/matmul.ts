import type * as ops from "../../../src/ops/matmul.ts";
import { broadcast, build, type Elements, fold, number, read, sum } from "../elements.ts";
import type { Samples } from "../sample.ts";

/** Σ over i < n. */
const total = (n: number, term: (i: number) => number): number => sum(Array.from({ length: n }, (_, i) => term(i)));

/** The product of matrices. */
const product = (a: Elements, b: Elements): Elements =>
  build([a.shape[0]!, b.shape[1]!], (i, j) => total(a.shape[1]!, (n) => read(a, i!, n) * read(b, n, j!)));

/** The products of batches of matrices, which may have one matrix only. */
const products = (a: Elements, b: Elements): Elements => {
  return build([...broadcast(a.shape.slice(0, 1), b.shape.slice(0, 1)), a.shape[1]!, b.shape[2]!], (at, i, j) =>
    total(a.shape[2]!, (n) => read(a, at!, i!, n) * read(b, at!, n, j!)),
  );
};

const plus = (a: Elements, b: Elements, alpha = 1, beta = 1): Elements =>
  build(b.shape, (...index) => beta * read(a, ...index) + alpha * read(b, ...index));

const dot = (a: Elements, b: Elements): Elements => number(total(a.values.length, (i) => a.values[i]! * b.values[i]!));

const timesVector = (a: Elements, b: Elements): Elements =>
  build([a.shape[0]!], (i) => total(a.shape[1]!, (n) => read(a, i, n) * read(b, n)));

const VECTORS = [{ shape: [3] }, { shape: [3] }] as const;
const MATRICES = [{ shape: [2, 3] }, { shape: [3, 2] }] as const;
const BATCHES = [{ shape: [2, 2, 3] }, { shape: [2, 3, 1] }] as const;
const EMPTY_BATCHES = [
  [0, 2, 3],
  [0, 3, 1],
];
const EMPTY_PRODUCT = [
  [0, 3],
  [3, 2],
];
const EMPTY_INNER = [
  [2, 0],
  [0, 2],
];

/** Attention over matrices [L, E], [S, E] and [S, V]; `added` says what is added to a score, −∞ for what is not looked at. */
const attention = (q: Elements, k: Elements, v: Elements, added: (i: number, j: number) => number): Elements => {
  const [rows, depth] = q.shape as [number, number];
  const columns = k.shape[0]!;
  const shares = Array.from({ length: rows }, (_, i) => {
    const scores = Array.from({ length: columns }, (_, j) =>
      Math.exp(total(depth, (e) => read(q, i, e) * read(k, j, e)) / Math.sqrt(depth) + added(i, j)),
    );
    return scores.map((score) => score / sum(scores));
  });
  return build([rows, v.shape[1]!], (i, c) => total(columns, (j) => shares[i!]![j]! * read(v, j, c!)));
};

const SEQUENCES = [{ shape: [2, 2] }, { shape: [3, 2] }, { shape: [3, 2] }] as const;
const NO_ROWS = [
  [0, 2],
  [3, 2],
  [3, 2],
];

/** Products of vectors, matrices and more. */
export const matmul: Samples<typeof ops> = {
  matmul: [
    { inputs: MATRICES, define: product, empty: EMPTY_PRODUCT },
    { title: "of vectors", inputs: VECTORS, define: dot },
    {
      title: "matrix and vector",
      inputs: [{ shape: [2, 3] }, { shape: [3] }],
      define: timesVector,
      empty: [[0, 3], [3]],
    },
    {
      title: "vector and matrix",
      inputs: [{ shape: [3] }, { shape: [3, 2] }],
      define: (a, b) => build([b.shape[1]!], (j) => total(a.values.length, (n) => read(a, n) * read(b, n, j))),
      empty: [[0], [0, 2]],
    },
    {
      title: "batches, broadcast",
      inputs: [{ shape: [2, 1, 2] }, { shape: [1, 2, 2] }],
      define: products,
      empty: [
        [0, 1, 2],
        [1, 2, 2],
      ],
    },
    {
      title: "a batch and a matrix",
      inputs: [{ shape: [2, 2, 2] }, { shape: [2, 2] }],
      define: (a, b) => products(a, { ...b, shape: [1, ...b.shape] }),
      empty: [
        [0, 2, 2],
        [2, 2],
      ],
    },
  ],
  scaledDotProductAttention: [
    {
      inputs: SEQUENCES,
      define: (q, k, v) => attention(q, k, v, () => 0),
      seesLayout: "rounding",
      empty: NO_ROWS,
    },
    {
      title: "causal",
      inputs: SEQUENCES,
      call: (attend, q, k, v) => attend(q, k, v, { isCausal: true }),
      define: (q, k, v) => attention(q, k, v, (i, j) => (j > i ? Number.NEGATIVE_INFINITY : 0)),
      seesLayout: "rounding",
      empty: NO_ROWS,
    },
    {
      title: "with a mask that is added",
      inputs: [...SEQUENCES, { shape: [2, 3] }],
      call: (attend, q, k, v, mask) => attend(q, k, v, { attnMask: mask }),
      define: (q, k, v, mask) => attention(q, k, v, (i, j) => read(mask, i, j)),
      seesLayout: "rounding",
      empty: [...NO_ROWS, [0, 3]],
    },
  ],
  mm: [{ inputs: MATRICES, define: product, empty: EMPTY_INNER }],
  bmm: [{ inputs: BATCHES, define: products, empty: EMPTY_BATCHES }],
  mv: [{ inputs: [{ shape: [2, 3] }, { shape: [3] }], define: timesVector, empty: [[2, 0], [0]] }],
  dot: [{ inputs: VECTORS, define: dot }],
  vdot: [{ inputs: VECTORS, define: dot }],
  outer: [
    {
      inputs: [{ shape: [2] }, { shape: [3] }],
      define: (a, b) => build([a.values.length, 3], (i, j) => read(a, i) * read(b, j)),
      empty: [[0], [3]],
    },
  ],
  addmm: [
    {
      inputs: [{ shape: [2, 1] }, ...MATRICES],
      define: (x, a, b) => plus(x, product(a, b)),
      empty: [[2, 1], ...EMPTY_INNER],
    },
    {
      title: "with factors",
      inputs: [{ shape: [2] }, ...MATRICES],
      call: (addmm, x, a, b) => addmm(x, a, b, { alpha: -0.5, beta: 2 }),
      define: (x, a, b) => plus(x, product(a, b), -0.5, 2),
      empty: [[2], ...EMPTY_INNER],
    },
  ],
  baddbmm: [
    {
      inputs: [{ shape: [2, 1, 1] }, ...BATCHES],
      call: (baddbmm, x, a, b) => baddbmm(x, a, b, { beta: 0.5 }),
      define: (x, a, b) => plus(x, products(a, b), 1, 0.5),
      empty: [[0, 1, 1], ...EMPTY_BATCHES],
    },
  ],
  addbmm: [
    {
      inputs: [{ shape: [2, 1] }, ...BATCHES],
      define: (x, a, b) => plus(x, fold(products(a, b), sum, [0])),
      empty: [[2, 1], ...EMPTY_BATCHES],
    },
  ],
  addr: [
    {
      inputs: [{ shape: [3] }, { shape: [2] }, { shape: [3] }],
      call: (addr, x, a, b) => addr(x, a, b, { alpha: 2, beta: -1 }),
      define: (x, a, b) => build([a.shape[0]!, 3], (i, j) => 2 * read(a, i) * read(b, j) - read(x, j)),
      empty: [[3], [0], [3]],
    },
  ],
  addmv: [
    {
      inputs: [{ shape: [2] }, { shape: [2, 3] }, { shape: [3] }],
      call: (addmv, x, a, b) => addmv(x, a, b, { alpha: -2 }),
      define: (x, a, b) => plus(x, timesVector(a, b), -2),
      empty: [[2], [2, 0], [0]],
    },
  ],
  linear: [
    {
      inputs: [{ shape: [2, 3] }, { shape: [2, 3] }, { shape: [2] }],
      define: (x, w, b) =>
        build([x.shape[0]!, 2], (i, o) => read(b, o) + total(3, (n) => read(x, i, n) * read(w, o, n))),
      empty: [[0, 3], [2, 3], [2]],
    },
    {
      title: "of a batch of sequences, without bias",
      inputs: [{ shape: [2, 2, 2] }, { shape: [1, 2] }],
      define: (x, w) => build([x.shape[0]!, 2, 1], (i, j, o) => total(2, (n) => read(x, i, j, n) * read(w, o, n))),
      empty: [
        [0, 2, 2],
        [1, 2],
      ],
    },
    {
      title: "of a vector, one bias",
      inputs: [{ shape: [3] }, { shape: [2, 3] }, { shape: [1] }],
      define: (x, w, b) => build([2], (o) => read(b, 0) + total(x.values.length, (n) => read(x, n) * read(w, o, n))),
      empty: [[0], [2, 0], [1]],
    },
    {
      title: "to one number",
      inputs: [{ shape: [2, 3] }, { shape: [3] }],
      define: timesVector,
      empty: [[0, 3], [3]],
    },
  ],
  bilinear: [
    {
      inputs: [{ shape: [2, 2] }, { shape: [2, 3] }, { shape: [2, 2, 3] }, { shape: [2] }],
      define: (x, y, w, b) =>
        build([x.shape[0]!, 2], (n, o) => {
          const form = total(2, (i) => total(3, (j) => read(x, n, i) * read(w, o, i, j) * read(y, n, j)));
          return read(b, o) + form;
        }),
      empty: [[0, 2], [0, 3], [2, 2, 3], [2]],
    },
  ],
  tensordot: [
    {
      title: "two dimensions",
      inputs: [{ shape: [2, 1, 3] }, { shape: [1, 3, 2] }],
      define: (a, b) => build([a.shape[0]!, 2], (i, j) => total(3, (n) => read(a, i, 0, n) * read(b, 0, n, j))),
      empty: [
        [0, 1, 3],
        [1, 3, 2],
      ],
    },
    {
      title: "named dimensions",
      inputs: [{ shape: [2, 3] }, { shape: [2, 2] }],
      call: (tensordot, a, b) => tensordot(a, b, [[0], [-1]]),
      define: (a, b) => build([a.shape[1]!, 2], (i, j) => total(2, (n) => read(a, n, i) * read(b, j, n))),
      empty: [
        [2, 0],
        [2, 2],
      ],
    },
    {
      title: "none",
      inputs: [{ shape: [2] }, { shape: [2] }],
      call: (tensordot, a, b) => tensordot(a, b, 0),
      define: (a, b) => build([a.shape[0]!, b.shape[0]!], (i, j) => read(a, i) * read(b, j)),
    },
  ],
  inner: [
    {
      inputs: [{ shape: [2, 3] }, { shape: [2, 3] }],
      define: (a, b) => build([a.shape[0]!, b.shape[0]!], (i, j) => total(3, (n) => read(a, i, n) * read(b, j, n))),
    },
    {
      title: "with a number",
      inputs: [{ shape: [] }, { shape: [2] }],
      define: (a, b) => plus(a, b, read(a), 0),
      empty: [[], [0]],
    },
  ],
  einsum: [
    {
      title: "ij,jk->ki",
      inputs: MATRICES,
      call: (einsum, a, b) => einsum("ij,jk->ki", a, b),
      define: (a, b) => build([2, a.shape[0]!], (k, i) => read(product(a, b), i, k)),
      empty: EMPTY_PRODUCT,
    },
    {
      title: "ii->i",
      inputs: [{ shape: [3, 3] }],
      call: (einsum, a) => einsum("ii->i", a),
      define: (a) => build([3], (i) => read(a, i, i)),
      empty: null,
    },
    {
      title: "...i,...i",
      inputs: [{ shape: [2, 1, 2] }, { shape: [3, 2] }],
      call: (einsum, a, b) => einsum("...i,...i", a, b),
      define: (a, b) => build([a.shape[0]!, 3], (i, j) => total(2, (n) => read(a, i, 0, n) * read(b, j, n))),
      empty: [
        [0, 1, 2],
        [3, 2],
      ],
    },
    {
      title: "bi,bij,bj->b",
      inputs: [{ shape: [2, 2] }, { shape: [2, 2, 2] }, { shape: [2, 2] }],
      call: (einsum, a, b, c) => einsum("bi,bij,bj->b", a, b, c),
      define: (a, b, c) =>
        build([a.shape[0]!], (n) => total(2, (i) => total(2, (j) => read(a, n, i) * read(b, n, i, j) * read(c, n, j)))),
      empty: [
        [0, 2],
        [0, 2, 2],
        [0, 2],
      ],
    },
  ],
};
