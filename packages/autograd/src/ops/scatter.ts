import { fail, forEachIndex, k, type NDArray, normaliseDim, type Shape } from "@tapegrad/tensor";
import { defineOp, type Op } from "../op.ts";
import { type Operand, scalar } from "../operands.ts";
import { Tensor } from "../tensor.ts";
import { div, mul, sub } from "./arithmetic.ts";
import { to } from "./cast.ts";
import { where as choose } from "./choose.ts";
import { eq } from "./compare.ts";
import { gather } from "./gather.ts";
import { checkAlong, checkSameDType } from "./indexShapes.ts";
import { type Indices, indexTensor } from "./indexTensor.ts";
import { expand, narrow } from "./shape.ts";

interface Along {
  readonly dim: number;
}

type ScatterTensor = (input: Tensor, dim: number, index: Tensor, src: Tensor) => Tensor;

/** How {@link scatter} meets what is already there. */
export interface ScatterOptions {
  /** Overwrite (the default), add, or multiply. */
  readonly reduce?: "add" | "multiply";
}

/**
 * A copy with elements written to the places that indices along a dimension name:
 * `out[i][index[i][j][k]][k] = src[i][j][k]` for dim 1.
 *
 * Where a place is named twice, the last in row-major order stays; the gradient of `src` is right only if no place is.
 *
 * @param index int32, of as many dimensions as `input`, sizes of at most those of `src` and, but for `dim`, of `input`
 * @param src   of the dtype of `input`, or one number for all places
 * @throws TensorError `invalid_index` | `invalid_dtype` | `shape_mismatch`
 * @see torch.scatter
 */
export function scatter(
  input: Tensor,
  dim: number,
  index: Indices,
  src: Operand,
  { reduce }: ScatterOptions = {},
): Tensor {
  const where = "scatter";
  if (reduce !== undefined && reduce !== "add" && reduce !== "multiply") {
    fail("invalid_option", where, "unknown reduction", { reduce }, 'one of "add", "multiply"');
  }
  const at = normaliseDim(where, dim, input.ndim);
  const places = indexTensor(where, index);
  const source = src instanceof Tensor ? cut(where, input, at, places, src) : everywhere(src, input, places.shape);
  if (reduce === "add") return addAlong(input, at, places, source);
  if (reduce === "multiply") return mul(input, productAt(source, at, places, input.shape));
  return writeAlong(input, at, places, source);
}

/**
 * A copy with elements added to the places that indices along a dimension name:
 * `out[i][index[i][j][k]][k] += src[i][j][k]` for dim 1. A place that is named twice receives both.
 *
 * @param index int32, as for {@link scatter}
 * @param src   of the dtype of `input`
 * @throws TensorError `invalid_index` | `invalid_dtype` | `shape_mismatch`
 * @see torch.scatter_add
 */
export function scatterAdd(input: Tensor, dim: number, index: Indices, src: Tensor): Tensor {
  const where = "scatterAdd";
  const at = normaliseDim(where, dim, input.ndim);
  const places = indexTensor(where, index);
  return addAlong(input, at, places, cut(where, input, at, places, src));
}

/** The part of the source that an index reaches. */
function cut(where: string, input: Tensor, dim: number, index: Tensor, src: Tensor): Tensor {
  checkSameDType(where, { input, src });
  checkAlong(where, { input, index, src }, dim);
  if (index.shape.includes(0)) return src;
  return index.shape.reduce(
    (part, size, d) => (part.shape[d] === size || part.ndim === 0 ? part : narrow(part, d, 0, size)),
    src,
  );
}

const everywhere = (value: number | boolean, like: Tensor, shape: Shape): Tensor =>
  expand(scalar(value, like.dtype), shape);

const writeAlong: Op<ScatterTensor> = defineOp<[Tensor, Tensor, Tensor], Along, ScatterTensor>(
  () => ({
    name: "scatter",
    infer: ([input, index], { dim }) => {
      checkAlong("scatter", { input, index }, dim);
      return input;
    },
    forward: (out, [input, index, src], { dim }) => {
      k.copy(out, input);
      if (index.size > 0) k.scatter(out, index, src, dim, "scatter");
    },
    saves: [1],
    backward: [
      (ctx) => scatter(ctx.grad, ctx.attrs.dim, ctx.input(1), 0),
      null,
      (ctx) => gather(ctx.grad, ctx.attrs.dim, ctx.input(1)),
    ],
  }),
  (apply) => (input, dim, index, src) => apply([input, index, src], { dim }),
);

const addAlong: Op<ScatterTensor> = defineOp<[Tensor, Tensor, Tensor], Along, ScatterTensor>(
  () => ({
    name: "scatterAdd",
    infer: ([input, index], { dim }) => {
      checkAlong("scatterAdd", { input, index }, dim);
      return input;
    },
    forward: (out, [input, index, src], { dim }) => {
      k.copy(out, input);
      if (index.size > 0) k.scatterAdd(out, index, src, dim, "scatterAdd");
    },
    saves: [1],
    backward: [({ grad }) => grad, null, (ctx) => gather(ctx.grad, ctx.attrs.dim, ctx.input(1))],
  }),
  (apply) => (input, dim, index, src) =>
    input.dtype === "bool" // true and true is true, not 2
      ? to(addAlong(to(input, "int32"), dim, index, to(src, "int32")), "bool")
      : apply([input, index, src], { dim }),
);

type Product = (src: Tensor, dim: number, index: Tensor, shape: Shape) => Tensor;

/** For each place the product of the elements that an index sends there; 1 where it sends none. */
const productAt: Op<Product> = defineOp<[Tensor, Tensor], Along & { shape: Shape }, Product>(
  () => ({
    name: "scatterProduct",
    infer: ([src, index], { dim, shape }) => {
      checkAlong("scatter", { input: { shape, dtype: src.dtype }, index, src }, dim);
      return { shape, dtype: src.dtype };
    },
    forward: (out, [src, index], { dim }) => {
      k.fill(out, 1);
      if (index.size > 0) foldAlong(out, index, src, dim, (x, y) => x * y);
    },
    saves: [0, 1],
    backward: [
      (ctx) => {
        const [src, index, { dim, shape }] = [ctx.input(0), ctx.input(1), ctx.attrs];
        // the product of the others, right where some of them are 0
        const zero = eq(src, 0);
        const filled = choose(zero, 1, src);
        const others = sub(gatherSum(to(zero, "int32"), dim, index, shape), to(zero, "int32"));
        const product = div(gather(productAt(filled, dim, index, shape), dim, index), filled);
        // a single 0 among the others vanishes as a factor, but for its gradient
        const vanishing = choose(zero, src, 0);
        const single = sub(gatherSum(vanishing, dim, index, shape), vanishing);
        const factor = choose(eq(others, 0), 1, choose(eq(others, 1), single, 0));
        return mul(gather(ctx.grad, dim, index), mul(product, factor));
      },
      null,
    ],
  }),
  (apply) => (src, dim, index, shape) => apply([src, index], { dim, shape }),
);

/** For each element the sum over all elements that go to the same place. */
function gatherSum(src: Tensor, dim: number, index: Tensor, shape: Shape): Tensor {
  return gather(addAlong(everywhere(0, src, shape), dim, index, src), dim, index);
}

/** Puts each element of `src` together with what stands in its place, one after the other. */
export function foldAlong(
  out: NDArray,
  index: NDArray,
  src: NDArray,
  dim: number,
  f: (before: number, element: number) => number,
): void {
  const [places, elements] = [index.toArray(), src.toArray()];
  const { data } = out;
  const size = out.shape[dim] ?? 1;
  const step = out.stride[dim] ?? 1;
  const bases = out.view(
    index.shape,
    index.shape.map((_, d) => (d === dim ? 0 : out.stride[d]!)),
  );
  let nth = 0;
  forEachIndex(bases, (base) => {
    const place = places[nth]!;
    if (place < 0 || place >= size) {
      const facts = { index: place, dim, size };
      fail("invalid_index", "scatter", `index ${place} is out of bounds for dimension ${dim} with size ${size}`, facts);
    }
    data[base + place * step] = f(data[base + place * step]!, elements[nth++]!);
  });
}
