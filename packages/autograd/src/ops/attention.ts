import { broadcastShapes, fail, isFloating, k, type NDArray, type Shape } from "@tapegrad/tensor";
import { ones } from "../creation.ts";
import { allocateUnfilled, type BackwardContext, defineOp, type Op } from "../op.ts";
import { Tensor } from "../tensor.ts";
import { add, mul, sub } from "./arithmetic.ts";
import { repeatInterleave } from "./arrange.ts";
import { to } from "./cast.ts";
import { maskedFill } from "./choose.ts";
import { logicalNot } from "./compare.ts";
import { dropout } from "./dropout.ts";
import { matmul } from "./matmul.ts";
import { sum } from "./reduce.ts";
import { expand, transpose } from "./shape.ts";
import { softmax } from "./softmax.ts";
import { tril } from "./triangle.ts";

/** Options of {@link scaledDotProductAttention}. */
export interface AttentionOptions {
  /** Broadcasts to [..., L, S]: true for what may be looked at, or numbers that are added to the scores. @defaultValue null */
  readonly attnMask?: Tensor | null;
  /** The probability with which a share is left out, whether a module is training or not. @defaultValue 0 */
  readonly dropoutP?: number;
  /** Whether row i looks at columns 0 to i only. @defaultValue false */
  readonly isCausal?: boolean;
  /** What the products are multiplied by. @defaultValue null: 1/√E */
  readonly scale?: number | null;
  /** Whether key and value have fewer heads than the query, of which each then serves several. @defaultValue false */
  readonly enableGqa?: boolean;
}

interface Attrs extends k.AttentionAttrs {
  /** Whether the result is [..., L, heads, V]: where queries lie so in memory, its heads are then as easily joined as they were cut. */
  readonly headsLast: boolean;
}

type Attention = (query: Tensor, key: Tensor, value: Tensor, attrs: Attrs) => Tensor;

const where = "scaledDotProductAttention";

/** Shares of each row as ops: the definition. Rows that may look at nothing have shares of 0. */
function sharesOf(query: Tensor, key: Tensor, { scale, causal }: k.AttentionAttrs, mask: Tensor | null): Tensor {
  let scores = matmul(mul(query, scale), transpose(key, -2, -1));
  const blocked: Tensor[] = [];
  if (causal) blocked.push(logicalNot(tril(ones(scores.shape.slice(-2), { dtype: "bool" }))));
  if (mask?.dtype === "bool") blocked.push(logicalNot(mask));
  else if (mask !== null) scores = add(scores, mask);
  for (const none of blocked) scores = maskedFill(scores, none, Number.NEGATIVE_INFINITY);
  const shares = softmax(scores, -1);
  if (mask === null) return shares;
  return maskedFill(shares, scores.eq(Number.NEGATIVE_INFINITY).all(-1, { keepdim: true }), 0);
}

/** Dimensions −3 and −2 of a shape exchanged. */
function exchanged(shape: Shape): Shape {
  const [heads, rows, width] = shape.slice(-3);
  return [...shape.slice(0, -3), rows!, heads!, width!];
}

/** The same of an array's dimensions, as a view. */
function headsFirst(array: NDArray, { headsLast }: Attrs): NDArray {
  if (!headsLast) return array;
  const { shape, stride } = array;
  return array.view(exchanged(shape), exchanged(stride));
}

/** A new array in the shape of another, in which heads lie within rows if they do in that. */
function alike(array: NDArray): NDArray {
  const { shape, dtype } = array;
  if (!headsWithinRows(array)) return allocateUnfilled({ shape, dtype });
  const turned = allocateUnfilled({ shape: exchanged(shape), dtype });
  return turned.view(shape, exchanged(turned.stride));
}

/** Whether dimension −3 moves on by less than dimension −2: heads that were cut from the rows of one matrix. */
function headsWithinRows({ shape, stride }: NDArray): boolean {
  return shape.length >= 3 && shape.at(-3)! > 1 && shape.at(-2)! > 1 && stride.at(-3)! < stride.at(-2)!;
}

const fused: Op<Attention> = defineOp<[Tensor, Tensor, Tensor], Attrs, Attention>(
  () => ({
    name: "scaledDotProductAttention",
    infer: ([query, , value], { headsLast }) => {
      const shape = [...query.shape.slice(0, -1), value.shape.at(-1)!];
      return { shape: headsLast ? exchanged(shape) : shape, dtype: query.dtype };
    },
    aux: ([query]) => [{ shape: query.shape.slice(0, -1), dtype: query.dtype }],
    forward: (out, [query, key, value], attrs, aux) => {
      const logs = aux?.[0] ?? allocateUnfilled({ shape: query.shape.slice(0, -1), dtype: query.dtype });
      k.attention(headsFirst(out, attrs), logs, query, key, value, attrs);
    },
    saves: [0, 1, 2],
    tidy: true,
    backward: (ctx, i) => {
      const [query, key, value] = [ctx.input(0), ctx.input(1), ctx.input(2)];
      const grad = ctx.attrs.headsLast ? transpose(ctx.grad, -3, -2) : ctx.grad;
      const shares = sharesOf(query, key, ctx.attrs, null);
      if (i === 2) return matmul(transpose(shares, -2, -1), grad);
      const products = mul(shares, matmul(grad, transpose(value, -2, -1)));
      const owed = mul(sub(products, mul(shares, sum(products, -1, { keepdim: true }))), ctx.attrs.scale);
      return i === 0 ? matmul(owed, key) : matmul(transpose(owed, -2, -1), query);
    },
    fused: (ctx: BackwardContext<Attrs>) => {
      const [query, key, value] = [ctx.input(0).array, ctx.input(1).array, ctx.input(2).array];
      const [toQuery, toKey, toValue] = [alike(query), alike(key), alike(value)];
      const logs = ctx.aux(0).array;
      const grad = headsFirst(ctx.grad.array, ctx.attrs);
      k.attentionBackward(toQuery, toKey, toValue, grad, logs, query, key, value, ctx.attrs);
      return [toQuery, toKey, toValue].map((array, i) => (ctx.wants(i) ? new Tensor(array) : null));
    },
  }),
  (apply) => (query, key, value, attrs) => apply([query, key, value], attrs),
);

/**
 * softmax(scale · query · keyᵀ + mask) · value: each row of the query takes of the values what its products with the keys say.
 *
 * Without a mask and without dropout it is one op, which never holds the scores of more than one matrix of the batch.
 *
 * @param query [..., L, E]
 * @param key   [..., S, E]; the dimensions before the last two broadcast
 * @param value [..., S, V]
 * @returns [..., L, V]
 * @throws TensorError `shape_mismatch` | `invalid_shape` | `invalid_dtype` | `invalid_option` for a mask with `isCausal`
 * @see torch.nn.functional.scaled_dot_product_attention; Vaswani et al. (2017), Attention Is All You Need
 */
export function scaledDotProductAttention(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  options: AttentionOptions = {},
): Tensor {
  const { attnMask = null, dropoutP = 0, isCausal = false, scale = null, enableGqa = false } = options;
  if (isCausal && attnMask !== null) {
    fail("invalid_option", where, "isCausal does not go with a mask", {}, "leave out one of them");
  }
  check(query, key, value, attnMask);
  const [keys, values] = enableGqa ? sharedHeads(query, key, value) : [key, value];
  const attrs = { scale: scale ?? 1 / Math.sqrt(query.shape.at(-1)!), causal: isCausal };
  const batch = [keys, values].reduce<Shape>(
    (shape, { shape: own }) => broadcastShapes(where, shape, own.slice(0, -2)),
    query.shape.slice(0, -2),
  );
  if (attnMask !== null || dropoutP > 0 || [query, keys, values].some((x) => x.numel() === 0)) {
    const mask = attnMask === null || attnMask.dtype === "bool" ? attnMask : to(attnMask, query.dtype);
    return matmul(dropout(sharesOf(query, keys, attrs, mask), dropoutP), values);
  }
  const [q, k_, v] = [query, keys, values].map((x) => expand(x, [...batch, ...x.shape.slice(-2)]));
  const headsLast = headsWithinRows(q!.array);
  const mixed = fused(q!, k_!, v!, { ...attrs, headsLast });
  return headsLast ? transpose(mixed, -3, -2) : mixed;
}

function check(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | null): void {
  const shapes = { query: query.shape, key: key.shape, value: value.shape };
  if ([query, key, value].some(({ ndim }) => ndim < 2)) {
    fail("invalid_shape", where, "query, key and value need at least two dimensions", shapes);
  }
  if (query.shape.at(-1) !== key.shape.at(-1) || key.shape.at(-2) !== value.shape.at(-2)) {
    const hint = "query [..., L, E], key [..., S, E], value [..., S, V]";
    fail("shape_mismatch", where, "query, key and value do not fit", shapes, hint);
  }
  const dtypes = { query: query.dtype, key: key.dtype, value: value.dtype };
  if (!isFloating(query.dtype) || key.dtype !== query.dtype || value.dtype !== query.dtype) {
    fail("invalid_dtype", where, "query, key and value must be of one floating-point dtype", dtypes);
  }
  if (mask !== null && mask.dtype !== "bool" && mask.dtype !== query.dtype) {
    const facts = { attnMask: mask.dtype, query: query.dtype };
    fail("invalid_dtype", where, "a mask is bool, or of the dtype of the query", facts);
  }
}

/** Key and value repeated for each head of the query that they serve. */
function sharedHeads(query: Tensor, key: Tensor, value: Tensor): [Tensor, Tensor] {
  const heads = query.shape.at(-3);
  return [key, value].map((x) => {
    const own = x.shape.at(-3);
    if (heads === undefined || own === undefined || heads % own !== 0) {
      const facts = { query: query.shape, key: key.shape, value: value.shape };
      fail("shape_mismatch", where, "the heads of the query are no multiple of those of key and value", facts);
    }
    return repeatInterleave(x, heads / own, -3);
  }) as [Tensor, Tensor];
}
