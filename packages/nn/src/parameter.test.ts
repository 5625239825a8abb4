import { Tensor, tensor, zeros } from "@tapegrad/autograd";
import { describe, expect, it } from "vitest";
import { Buffer, convert, Parameter } from "./parameter.ts";

describe("Parameter", () => {
  it("requires gradients, shares the elements, and is a tensor", () => {
    const data = zeros(2);
    const parameter = new Parameter(data);
    expect(parameter).toBeInstanceOf(Tensor);
    expect(parameter.requiresGrad && parameter.isLeaf).toBe(true);
    data.fill_(3);
    expect(parameter.tolist()).toEqual([3, 3]);
    expect(new Parameter(data, { requiresGrad: false }).requiresGrad).toBe(false);
    expect(() => new Parameter(tensor([1, 2], { dtype: "int32" }))).toThrow(/only floating-point/);
    expect(() => new Parameter([1, 2] as unknown as Tensor)).toThrow(/made from a tensor[\s\S]*array/);
  });

  it("prints as torch prints it", () => {
    const parameter = new Parameter(tensor([[1, 2.5]]));
    expect(String(parameter)).toBe("Parameter containing:\ntensor([[1.0000, 2.5000]], requires_grad=True)");
    parameter.requiresGrad_(false);
    expect(String(parameter)).toBe("Parameter containing:\ntensor([[1.0000, 2.5000]])");
    expect(String(new Buffer(tensor([1])))).toBe("tensor([1.])");
  });
});

describe("convert", () => {
  it("changes the dtype in place, and takes the gradient and the hooks along", () => {
    const parameter = new Parameter(tensor([1, 2]));
    const seen: string[] = [];
    parameter.registerHook((grad) => void seen.push(grad.dtype));
    parameter.mul(3).sum().backward();
    convert(parameter, "float64");
    expect([parameter.dtype, parameter.grad?.dtype, parameter.requiresGrad]).toEqual(["float64", "float64", true]);
    parameter.mul(2).sum().backward();
    expect(parameter.grad?.tolist()).toEqual([5, 5]);
    expect(seen).toEqual(["float32", "float64"]);
  });
});
