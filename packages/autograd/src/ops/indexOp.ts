import { broadcastShapes, fail, k, NDArray, type Shape, sizeOf } from "@tapegrad/tensor";
import { defineOp, type Op } from "../op.ts";
import { scalar } from "../operands.ts";
import type { Tensor } from "../tensor.ts";
import { wrapped } from "./indexTensor.ts";

/** The neighbouring dimensions that an advanced index replaces. */
interface Replaced {
  /** The first of them. */
  readonly dim: number;
  /** How many. */
  readonly count: number;
}

/** What {@link placesOf} needs to know of where the indices point. */
interface Pointed {
  readonly where: string;
  readonly dim: number;
  /** The size of each dimension that is pointed into. */
  readonly sizes: Shape;
}

type PlacesOf = (indices: readonly Tensor[], pointed: Pointed) => Tensor;

/**
 * Indices into neighbouring dimensions as one index into their row-major union, broadcast against each other.
 *
 * @param indices one int32 tensor for each dimension; negative ones count from the end
 * @returns int32, the shape that the indices broadcast to
 */
export const placesOf: Op<PlacesOf> = defineOp<readonly Tensor[], Pointed, PlacesOf>(
  () => ({
    name: "linearIndex",
    infer: (indices, { where }) => ({
      shape: indices.reduce<Shape>((common, { shape }) => broadcastShapes(where, common, shape), []),
      dtype: "int32",
    }),
    forward: (out, indices, { where, dim, sizes }) => {
      const places = out.data;
      indices.forEach((index, i) => {
        const size = sizes[i]!;
        const along = wrapped(index, { where, dim: dim + i, size })
          .expand(out.shape)
          .toArray();
        for (let n = 0; n < places.length; n++) places[n] = places[n]! * size + along[n]!;
      });
    },
    backward: null,
  }),
  (apply) => (indices, pointed) => apply(indices, pointed),
);

/** The shape of a tensor whose dimensions `dim ... dim + count - 1` are replaced by `by`. */
const replaced = (shape: Shape, { dim, count }: Replaced, by: Shape): Shape => [
  ...shape.slice(0, dim),
  ...by,
  ...shape.slice(dim + count),
];

/** The same elements as [before, replaced dimensions, after]. */
function inThree(array: NDArray, { dim, count }: Replaced): NDArray {
  const { shape } = array;
  const three = [sizeOf(shape.slice(0, dim)), sizeOf(shape.slice(dim, dim + count)), sizeOf(shape.slice(dim + count))];
  return array.reshaped(three) ?? array.copy().view(three, [three[1]! * three[2]!, three[2]!, 1]);
}

const asVector = (places: NDArray): NDArray => places.reshaped([places.size]) ?? NDArray.wrap(places.toArray());

type Pick = (input: Tensor, places: Tensor, replaced: Replaced) => Tensor;

/** Advanced indexing: neighbouring dimensions replaced by those of an array of places in their union. */
export const pickPlaces: Op<Pick> = defineOp<[Tensor, Tensor], Replaced, Pick>(
  () => ({
    name: "index",
    infer: ([{ shape, dtype }, places], where) => ({ shape: replaced(shape, where, places.shape), dtype }),
    forward: (out, [input, places], { dim, count }) => {
      if (out.size === 0) return;
      const index = asVector(places);
      if (count === 1) {
        // as it lies: a copy of all for the sake of some would not pay
        const target = out.reshaped([...input.shape.slice(0, dim), index.size, ...input.shape.slice(dim + 1)])!;
        k.indexSelect(target, input, index, dim, "at");
      } else {
        const target = inThree(out, { dim, count: places.shape.length });
        k.indexSelect(target, inThree(input, { dim, count }), index, 1, "at");
      }
    },
    saves: [1],
    backward: [(ctx) => returnPlaces(ctx.grad, ctx.input(1), ctx.attrs, ctx.inputMeta(0).shape), null],
  }),
  (apply) =>
    (input, places, { dim, count }) =>
      apply([input, places], { dim, count }),
);

type Return = (grad: Tensor, places: Tensor, replaced: Replaced, shape: Shape) => Tensor;

/** The gradient of {@link pickPlaces}: zeros of the input's shape, to which every element is added where it was picked. */
const returnPlaces: Op<Return> = defineOp<[Tensor, Tensor], Replaced & { shape: Shape }, Return>(
  () => ({
    name: "indexBackward",
    infer: ([{ dtype }], { shape }) => ({ shape, dtype }),
    forward: (out, [grad, places], { dim, count }) => {
      if (grad.size === 0) return;
      const source = inThree(grad.contiguous(), { dim, count: places.shape.length });
      k.indexAdd(inThree(out, { dim, count }), asVector(places), source, 1, "at");
    },
    saves: [1],
    backward: [(ctx) => pickPlaces(ctx.grad, ctx.input(1), ctx.attrs), null],
  }),
  (apply) =>
    (grad, places, { dim, count }, shape) =>
      apply([grad, places], { dim, count, shape }),
);

interface PutAttrs extends Replaced {
  readonly accumulate: boolean;
}

type Put = (input: Tensor, values: Tensor, places: Tensor, attrs: PutAttrs) => Tensor;

/** A copy with values, broadcast to the shape of {@link pickPlaces}, written or added to places. */
export const putPlaces: Op<Put> = defineOp<[Tensor, Tensor, Tensor], PutAttrs, Put>(
  () => ({
    name: "indexPut",
    infer: ([input, values, places], attrs) => {
      const wanted = replaced(input.shape, attrs, places.shape);
      const lead = wanted.length - values.shape.length;
      if (lead < 0 || values.shape.some((size, d) => size !== 1 && size !== wanted[lead + d])) {
        const facts = { values: values.shape, places: wanted };
        fail("shape_mismatch", "indexPut", "the values do not broadcast to the indexed places", facts);
      }
      return input;
    },
    forward: (out, [input, values, places], { dim, count, accumulate }) => {
      k.copy(out, input);
      const shape = replaced(input.shape, { dim, count }, places.shape);
      if (sizeOf(shape) === 0) return;
      const source = inThree(values.expand(shape), { dim, count: places.shape.length });
      const put = accumulate ? k.indexAdd : k.indexCopy;
      put(inThree(out, { dim, count }), asVector(places), source, 1, "indexPut");
    },
    saves: [2],
    backward: [
      (ctx) => {
        if (ctx.attrs.accumulate) return ctx.grad;
        return putPlaces(ctx.grad, scalar(0, ctx.grad.dtype), ctx.input(2), ctx.attrs);
      },
      (ctx) => pickPlaces(ctx.grad, ctx.input(2), ctx.attrs),
      null,
    ],
  }),
  (apply) =>
    (input, values, places, { dim, count, accumulate }) =>
      apply([input, values, places], { dim, count, accumulate }),
);
