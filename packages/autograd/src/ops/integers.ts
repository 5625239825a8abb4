import { type DType, fail, isFloating, k, type NDArray } from "@tapegrad/tensor";
import type { Op } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { logicalNot } from "./compare.ts";
import { type Binary, binary, type Pairwise, unary } from "./families.ts";

type Kernel = (out: NDArray, input: NDArray, other: NDArray) => void;

/** Checks that the operands meet in integers, or in truth values where these make sense too. */
function whole(name: string, takesTruth: boolean): (common: DType) => DType {
  return (dtype) => {
    if (isFloating(dtype) || (dtype === "bool" && !takesTruth)) {
      const kinds = takesTruth ? "integers and truth values" : "integers";
      fail("invalid_dtype", name, `takes only ${kinds}`, { dtype }, "convert with .int()");
    }
    return dtype;
  };
}

/** Declares a function of integers, bit by bit. */
function bitwise(name: string, kernel: Kernel, takesTruth: boolean): Op<Binary> {
  return binary(() => ({ name, kernel, numbers: "either", meet: whole(name, takesTruth), backward: null }));
}

/** The bits that both have; of truth values, and (torch.bitwise_and). */
export const bitwiseAnd: Op<Binary> = bitwise("bitwiseAnd", k.bitwiseAnd, true);

/** The bits that one or both have; of truth values, or (torch.bitwise_or). */
export const bitwiseOr: Op<Binary> = bitwise("bitwiseOr", k.bitwiseOr, true);

/** The bits that exactly one has; of truth values, whether they differ (torch.bitwise_xor). */
export const bitwiseXor: Op<Binary> = bitwise("bitwiseXor", k.bitwiseXor, true);

/** input · 2^other, within 32 bits; 0 where all bits are moved out, and for negative shifts (torch.bitwise_left_shift). */
export const bitwiseLeftShift: Op<Binary> = bitwise("bitwiseLeftShift", k.bitwiseLeftShift, false);

/** input / 2^other, rounded down; the sign where all bits are moved out, and for negative shifts (torch.bitwise_right_shift). */
export const bitwiseRightShift: Op<Binary> = bitwise("bitwiseRightShift", k.bitwiseRightShift, false);

const flipped = unary(() => ({ name: "bitwiseNot", kernel: k.bitwiseNot, floats: false, backward: null }));

/** All bits turned round: −1 − input; of truth values, not (torch.bitwise_not). */
export function bitwiseNot(input: Tensor): Tensor {
  return whole("bitwiseNot", true)(input.dtype) === "bool" ? logicalNot(input) : flipped(input);
}

/** The greatest common divisor, at least 0; gcd(0, x) is |x| (torch.gcd). */
export const gcd: Op<Pairwise> = divisors("gcd", k.gcd);

/** The least common multiple, at least 0; 0 where one of them is (torch.lcm). */
export const lcm: Op<Pairwise> = divisors("lcm", k.lcm);

function divisors(name: string, kernel: Kernel): Op<Pairwise> {
  return binary(() => ({ name, kernel, numbers: "none", meet: whole(name, false), backward: null }));
}
