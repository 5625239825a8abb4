import { tensor } from "@tapegrad/autograd";
import { expect, it } from "vitest";
import { NLLLoss } from "./nllLoss.ts";
import { NLLLoss2d } from "./nllLoss2d.ts";

it("NLLLoss2d is NLLLoss under another name", () => {
  const images = tensor([[[[-1, -2]], [[-3, -4]]]]); // [N, C, H, W]
  const loss = new NLLLoss2d({ weight: tensor([1, 2]) });
  expect(loss).toBeInstanceOf(NLLLoss);
  expect(String(loss)).toBe("NLLLoss2d()");
  expect(loss(images, [[[1, 0]]]).item()).toBeCloseTo((2 * 3 + 2) / 3, 6);
  expect(() => new NLLLoss2d({ wieght: tensor([1]) } as object)).toThrow(/NLLLoss2d: unknown option "wieght"/);
});
