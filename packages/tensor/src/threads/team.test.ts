import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import * as k from "../kernels/index.ts";
import { NDArray } from "../ndarray.ts";
import { inParts, shareEverything } from "./parts.ts";
import { getNumThreads, setNumThreads, threadsReady } from "./team.ts";

/** Waits until as many threads are there. */
async function ready(count: number): Promise<void> {
  while (threadsReady() < count) await new Promise((resolve) => setTimeout(resolve, 5));
}

const wave = (shape: readonly number[]): NDArray => {
  const out = NDArray.zeros(shape);
  for (let i = 0; i < out.size; i++) out.data[i] = Math.sin(1.7 * i);
  return out;
};

describe("setNumThreads", () => {
  afterEach(() => {
    shareEverything(false);
    setNumThreads(1);
  });

  it("starts and stops workers", async () => {
    expect(getNumThreads()).toBe(1);
    setNumThreads(3);
    expect(getNumThreads()).toBe(3);
    await ready(3);
    setNumThreads(2);
    expect(getNumThreads()).toBe(2);
    expect(threadsReady()).toBe(2);
    setNumThreads(1);
    expect(threadsReady()).toBe(1);
  });

  it("takes whole numbers from 1 on", () => {
    for (const count of [0, -1, 1.5, Number.NaN, 65]) expect(() => setNumThreads(count)).toThrow(/whole number from 1/);
    expect(getNumThreads()).toBe(1);
  });

  it("does not change a bit of any result", async () => {
    const [q, key, v] = [wave([5, 9, 4]), wave([5, 7, 4]), wave([5, 7, 6])];
    const [a, b] = [wave([50, 33]), wave([33, 17])];
    const results = (): number[][] => {
      const [out, logs] = [NDArray.zeros([5, 9, 6]), NDArray.zeros([5, 9])];
      k.attention.wasm!(out, logs, q, key, v, { scale: 0.5, causal: true });
      const product = NDArray.zeros([50, 17]);
      k.matmul.wasm!(product, a, b);
      return [out, logs, product].map((x) => [...x.toArray()]);
    };
    const alone = results();
    setNumThreads(3);
    await ready(3);
    shareEverything(true);
    expect(results()).toEqual(alone);
    expect(results()).toEqual(alone);
  });

  it("tells every worker of all items, and does none twice here, also where there are fewer than threads", async () => {
    setNumThreads(3);
    await ready(3);
    shareEverything(true);
    for (const count of [0, 1, 2, 3, 10]) {
      const items: number[][] = [];
      inParts(count, 1, (thread) => {
        expect(thread).toBe(items.length);
        const own: number[] = [];
        items.push(own);
        return (_call, first, end) => {
          for (let i = first; i < end; i++) own.push(i);
        };
      });
      const all = Array.from({ length: count }, (_, i) => i);
      const [here, ...workers] = items;
      expect(workers).toEqual(Array.from({ length: Math.max(0, Math.min(count, 3) - 1) }, () => all));
      expect(here).toEqual(all.filter((item) => here!.includes(item)));
      if (workers.length === 0) expect(here).toEqual(all);
    }
  });

  it("does not keep the process alive", () => {
    const team = fileURLToPath(new URL("team.ts", import.meta.url));
    const program = `const { setNumThreads } = await import(${JSON.stringify(team)}); setNumThreads(2); console.log("done");`;
    const args = ["--conditions=tapegrad:source", "--import", "tsx", "--input-type=module", "--eval", program];
    const { status, stdout } = spawnSync(process.execPath, args, { encoding: "utf8", timeout: 30_000 });
    expect({ status, stdout }).toEqual({ status: 0, stdout: "done\n" });
  });
});
