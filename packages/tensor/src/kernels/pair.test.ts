import { afterEach, describe, expect, it, vi } from "vitest";
import { NDArray } from "../ndarray.ts";
import { kernelPair, useFastKernels } from "./pair.ts";

type Fill = [out: NDArray];

const filled = (value: number) => (out: NDArray) => void out.data.fill(value);

describe("kernelPair", () => {
  afterEach(() => void useFastKernels(true));

  it("asks for a declaration at the first use, once", () => {
    const declaration = vi.fn(() => ({ name: "ones", js: filled(1) }));
    const kernel = kernelPair<Fill>(declaration);
    expect(declaration).not.toHaveBeenCalled();
    const out = NDArray.zeros([2]);
    kernel(out);
    kernel(out);
    expect([...out.data]).toEqual([1, 1]);
    expect(declaration).toHaveBeenCalledTimes(1);
  });

  it("asks for it when somebody reads what it is made of", () => {
    const js = filled(1);
    const kernel = kernelPair<Fill>(() => ({ name: "ones", js, ulps: 2 }));
    expect([kernel.kernel, kernel.wasm, kernel.ulps]).toEqual(["ones", null, 2]);
    expect(kernel.js).toBe(js);
    expect([kernel.accepts(NDArray.zeros([1])), kernel.pays(NDArray.zeros([1]))]).toEqual([true, true]);
  });

  it("runs the fast form where that is able, pays and is wanted", () => {
    const can = { accepts: true, pays: true };
    const kernel = kernelPair<Fill>(() => ({
      name: "form",
      js: filled(1),
      wasm: filled(2),
      accepts: () => can.accepts,
      pays: () => can.pays,
    }));
    const out = NDArray.zeros([]);
    const form = (): number => {
      kernel(out);
      return out.data[0]!;
    };
    expect(form()).toBe(2);
    Object.assign(can, { accepts: false });
    expect(form()).toBe(1);
    Object.assign(can, { accepts: true, pays: false });
    expect(form()).toBe(1);
    Object.assign(can, { pays: true });
    expect(useFastKernels(false)).toBe(true);
    expect(form()).toBe(1);
  });
});
