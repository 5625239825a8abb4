import { describe, expect, it } from "vitest";
import { NDArray } from "../ndarray.ts";
import { f32x4, i32, v128 } from "./encoder.ts";
import { pretendWasm } from "./host.ts";
import { launch, launchable, lazyModule, spanOf } from "./launch.ts";
import { mark } from "./scratch.ts";

const code = lazyModule<"double" | "corner">("launchTest", (m) => {
  m.export("double", { n: "i32", p: "i32" }, (f, { n, p }) => {
    const end = f.let(i32.add(p, i32.shl(n, 2)));
    f.while(i32.ltU(p, end), () => {
      f.store(p, f32x4.mul(v128.load(p), 2));
      f.step(p, 16);
    });
  });
  // copies one element
  m.export("corner", { from: "i32", to: "i32" }, (f, { from, to }) => f.storeLane32(to, v128.load32Zero(from)));
});

const counted = (...shape: number[]): NDArray => {
  const out = NDArray.zeros(shape);
  for (let i = 0; i < out.size; i++) out.data[i] = i;
  return out;
};

describe("launch", () => {
  it("copies modified operands in and out, and gives the space back", () => {
    const before = mark();
    const x = counted(2, 4);
    launch((frame) => code().double(x.size, frame.modify(x)));
    expect([...x.data]).toEqual([0, 2, 4, 6, 8, 10, 12, 14]);
    expect(mark()).toBe(before);
  });

  it("takes strided operands, row-major for read and modify", () => {
    const x = counted(4, 4);
    launch((frame) => code().double(8, frame.modify(x.transpose(1, 0).slice(0, 1, 2))));
    expect([...x.data]).toEqual([0, 2, 4, 3, 4, 10, 12, 7, 8, 18, 20, 11, 12, 26, 28, 15]);
  });

  it("points at the first element of a span, wherever it lies", () => {
    const x = counted(3, 4);
    for (const view of [
      x,
      x.step(-1, -1),
      x.transpose(1, 0),
      x.slice(0, 1, 2).step(-1, 2),
      x.select(1, 2),
      x.expand([5, 3, 4]),
    ]) {
      const out = NDArray.zeros([1]);
      launch((frame) => code().corner(frame.span(view), frame.write(out)));
      expect(out.data[0]).toBe(view.get());
    }
  });

  it("writes nothing when the body fails, and stays usable", () => {
    const x = counted(4);
    const before = mark();
    expect(() =>
      launch((frame) => {
        code().double(4, frame.modify(x));
        JSON.parse("{");
      }),
    ).toThrow();
    expect([...x.data]).toEqual([0, 1, 2, 3]);
    expect(mark()).toBe(before);
  });

  it("survives the growth of the memory between operands", () => {
    const x = counted(8);
    const large = NDArray.zeros([2 ** 23]);
    large.data[0] = 5;
    launch((frame) => {
      const p = frame.modify(x);
      const q = frame.modify(large);
      code().double(8, p);
      code().double(large.size, q);
    });
    expect([...x.data]).toEqual([0, 2, 4, 6, 8, 10, 12, 14]);
    expect(large.data[0]).toBe(10);
  });
});

describe("spanOf", () => {
  it("counts from the first element touched to the last", () => {
    const x = counted(3, 4);
    expect([x, x.slice(1, 0, 2), x.step(-1, 2), x.expand([9, 3, 4]), x.slice(0, 0, 0)].map(spanOf)).toEqual([
      12, 10, 11, 12, 0,
    ]);
  });
});

describe("launchable", () => {
  it("refuses what wasm cannot take, and everything where there is no wasm", () => {
    const x = counted(4);
    expect(launchable(x, x)).toBe(true);
    expect(launchable(x, NDArray.zeros([4], "float64"))).toBe(false);
    pretendWasm(false);
    expect(launchable(x)).toBe(false);
    pretendWasm(undefined);
    expect(launchable(x)).toBe(true);
  });
});
