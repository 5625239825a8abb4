import { takeArray } from "../../arrayPool.ts";
import { NDArray } from "../../ndarray.ts";
import { stridedCopy, stridedCopyable } from "./stridedCopy.ts";

/** Elements from which on an operand that lies crosswise is copied first. */
const WORTH_STRAIGHTENING = 64;

/** An array in row-major order that could take the elements of `x`; null where it had better not. */
export function straightened(x: NDArray): NDArray | null {
  const made = NDArray.zerosLike(x);
  return x.size >= WORTH_STRAIGHTENING && stridedCopyable(made, x) ? made : null;
}

/** Calls `use` with row-major copies of those operands that are not, which are gone afterwards. */
export function withStraight(
  operands: readonly [NDArray, NDArray | undefined, NDArray | undefined],
  use: (...straight: [NDArray, NDArray | undefined, NDArray | undefined]) => void,
): void {
  const straight = operands.map((x) => {
    if (x === undefined || x.isContiguous) return x;
    const made = NDArray.wrap(takeArray(x.dtype, x.size), x.shape, x.dtype);
    stridedCopy(made, x);
    return made;
  });
  use(...(straight as [NDArray, NDArray | undefined, NDArray | undefined]));
  for (let i = 0; i < straight.length; i++) if (straight[i] !== operands[i]) straight[i]!.storage.giveBack();
}
