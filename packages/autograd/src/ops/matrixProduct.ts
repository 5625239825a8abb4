import { broadcastShapes, fail, k, type NDArray, type Shape, sameShape } from "@tapegrad/tensor";
import { defineOp, type Meta, type Op } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { mT } from "./shape.ts";

type Product = (input: Tensor, other: Tensor) => Tensor;

/** Checks that two operands of a product have one dtype, which is not bool. */
export function checkProductDTypes(where: string, left: Meta, right: Meta): void {
  if (left.dtype === right.dtype && left.dtype !== "bool") return;
  const problem = left.dtype === right.dtype ? "truth values cannot be multiplied as matrices" : "the dtypes differ";
  fail(
    "invalid_dtype",
    where,
    problem,
    { left: left.dtype, right: right.dtype },
    "convert them, for example with .float()",
  );
}

/** Checks that the summed dimensions of a product have one size. */
export function checkInner(where: string, left: Shape, right: Shape): void {
  if (left.at(-1) === right.at(right.length > 1 ? -2 : 0)) return;
  const hint = "the last size of the left one must be the last but one of the right one";
  fail("shape_mismatch", where, "the shapes do not fit for a product", { left, right }, hint);
}

/** Products of matrices, the last two dimensions, with the others broadcast. */
export const matrixProduct: Op<Product> = defineOp<[Tensor, Tensor], undefined, Product>(
  () => ({
    name: "matmul",
    infer: ([a, b]) => {
      checkInner("matmul", a.shape, b.shape);
      const batch = broadcastShapes("matmul", a.shape.slice(0, -2), b.shape.slice(0, -2));
      return { shape: [...batch, a.shape.at(-2)!, b.shape.at(-1)!], dtype: a.dtype };
    },
    forward: (out, [a, b]) => {
      const batch = out.shape.slice(0, -2);
      k.matmul(out, spread(a, batch), spread(b, batch));
    },
    saves: [0, 1],
    tidy: true,
    backward: [(ctx) => matrixProduct(ctx.grad, mT(ctx.input(1))), (ctx) => matrixProduct(mT(ctx.input(0)), ctx.grad)],
  }),
  (apply) => (input, other) => apply([input, other], undefined),
);

function spread(matrices: NDArray, batch: Shape): NDArray {
  const shape = [...batch, ...matrices.shape.slice(-2)];
  return sameShape(shape, matrices.shape) ? matrices : matrices.expand(shape);
}
