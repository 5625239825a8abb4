import { describe, expect, it } from "vitest";
import { buildModule, f32, f32x4, f64, i32, type ModuleBuilder, select, v128 } from "./encoder.ts";

const memory = new WebAssembly.Memory({ initial: 1 });
const floats = new Float32Array(memory.buffer);

/** The exports of a module, callable. */
function compile(build: (m: ModuleBuilder) => void): Record<string, (...args: number[]) => number> {
  const module = new WebAssembly.Module(buildModule("test", build));
  return new WebAssembly.Instance(module, { env: { memory } }).exports as Record<string, (...args: number[]) => number>;
}

describe("buildModule", () => {
  it("returns what an expression gives", () => {
    const { run } = compile((m) => {
      m.export("run", { a: "i32", b: "i32" }, (_, { a, b }) => i32.sub(i32.mul(a, b), 1000000));
    });
    expect(run!(7, 6)).toBe(42 - 1000000);
  });

  it.each([0, 1, -1, 63, 64, -64, -65, 127, 128, 8191, 8192, 2 ** 31 - 1, -(2 ** 31)])(
    "writes the constant %i",
    (v) => {
      const { run } = compile((m) => m.export("run", {}, () => i32.const(v)));
      expect(run!()).toBe(v);
    },
  );

  it("takes numbers for f32 and f64 constants", () => {
    const { single, double } = compile((m) => {
      m.export("single", { a: "f32" }, (_, { a }) => f32.add(a, 0.1));
      m.export("double", { a: "f64" }, (_, { a }) => f64.add(a, 0.1));
    });
    expect(single!(1)).toBe(Math.fround(1 + Math.fround(0.1)));
    expect(double!(1)).toBe(1.1);
  });

  it("loops while a condition that is tested first holds", () => {
    const { run } = compile((m) => {
      m.export("run", { n: "i32" }, (f, { n }) => {
        const total = f.local("i32", 0);
        f.while(i32.gtS(n, 0), () => {
          f.step(total, n);
          f.step(n, -1);
        });
        return total;
      });
    });
    expect([run!(0), run!(1), run!(100)]).toEqual([0, 1, 5050]);
  });

  it("nests ranges and branches", () => {
    const { run } = compile((m) => {
      m.export("run", { n: "i32" }, (f, { n }) => {
        const odd = f.local("i32", 0);
        const even = f.local("i32", 0);
        f.range(0, n, 1, (i) =>
          f.range(0, i, 1, (j) =>
            f.if(
              i32.and(j, 1),
              () => f.step(odd, 1),
              () => f.step(even, 1),
            ),
          ),
        );
        return i32.sub(i32.mul(even, 1000), odd);
      });
    });
    let [odd, even] = [0, 0];
    for (let i = 0; i < 9; i++) for (let j = 0; j < i; j++) j % 2 ? odd++ : even++;
    expect(run!(9)).toBe(even * 1000 - odd);
  });

  it("calls functions of the module, with results and without", () => {
    const { run } = compile((m) => {
      const square = m.function("square", { x: "f32" }, (_, { x }) => f32.mul(x, x));
      const put = m.function("put", { p: "i32", x: "f32" }, (f, { p, x }) => f.store(p, x));
      m.export("run", { x: "f32" }, (f, { x }) => {
        f.call(put, { p: 64, x: f32.add(f.call(square, { x }), 1) });
      });
    });
    run!(3);
    expect(floats[16]).toBe(10);
  });

  it("computes in four lanes, hoisting constants out of loops", () => {
    const { run } = compile((m) => {
      m.export("run", { p: "i32", n: "i32" }, (f, { p, n }) => {
        const end = f.let(i32.add(p, i32.shl(n, 2)));
        f.while(i32.ltU(p, end), () => {
          const x = f.let(v128.load(p));
          f.store(p, f.madd(x, f.hoist(f32x4.const(2)), f.hoist(f32x4.const(0.5))));
          f.step(p, 16);
        });
      });
    });
    floats.set([1, -2, 3, 4, 5, 6, 7, 8, 9], 0);
    run!(0, 8);
    expect([...floats.subarray(0, 9)]).toEqual([2.5, -3.5, 6.5, 8.5, 10.5, 12.5, 14.5, 16.5, 9]);
  });

  it("turns masks into truth values and back", () => {
    const { run } = compile((m) => {
      m.export("run", { p: "i32" }, (f, { p }) => {
        f.storeLane32(p, v128.maskToBytes(f32x4.gt(v128.load(p), 1)), 0, 16);
        f.store(p, v128.bytesTo32(v128.load32Zero(p, 16)), 32);
      });
    });
    floats.set([0, 2, Number.NaN, 3], 0);
    run!(0);
    expect([...new Uint8Array(memory.buffer, 16, 4)]).toEqual([0, 1, 0, 1]);
    expect([...new Int32Array(memory.buffer, 32, 4)]).toEqual([0, 1, 0, 1]);
  });

  it("moves lanes, selects, fills and copies", () => {
    const { run } = compile((m) => {
      m.export("run", { p: "i32", flag: "i32" }, (f, { p, flag }) => {
        const a = f.let(v128.load(p));
        f.store(p, v128.shuffle32(a, a, [3, 2, 5, 4]), 16);
        f.store(p, select(flag, a, f32x4.const(9)), 32);
        f.fill(i32.add(p, 48), 0, 16);
        f.copy(i32.add(p, 52), p, 8);
        f.storeLow64(p, a, 64);
      });
    });
    floats.fill(7, 0, 32);
    floats.set([1, 2, 3, 4], 0);
    run!(0, 1);
    expect([...floats.subarray(4, 19)]).toEqual([4, 3, 2, 1, 1, 2, 3, 4, 0, 1, 2, 0, 1, 2, 7]);
    run!(0, 0);
    expect([...floats.subarray(8, 12)]).toEqual([9, 9, 9, 9]);
  });

  it("fuses multiply-add only where it is told that the host can", () => {
    const build = (m: ModuleBuilder): void => {
      m.export("run", { p: "i32" }, (f, { p }) => f.store(p, f.madd(v128.load(p), 2, 1)));
    };
    const opcode = [0xfd, 0x85, 0x02].join();
    expect([...buildModule("plain", build)].join()).not.toContain(opcode);
    expect([...buildModule("fused", build, { relaxed: true })].join()).toContain(opcode);
  });

  it("names the kernel when a local of another function is assigned", () => {
    const build = (m: ModuleBuilder): void => {
      let stray = null as Parameters<Parameters<ModuleBuilder["function"]>[2]>[0] | null;
      m.function("one", {}, (f) => {
        stray = f;
      });
      const foreign = stray!.local("i32");
      m.export("two", {}, (f) => f.set(foreign, 1));
    };
    expect(() => buildModule("example", build)).toThrow(/example\.two: a local of another function/);
  });
});
