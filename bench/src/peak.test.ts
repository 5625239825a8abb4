import { expect, it } from "vitest";
import { peakModule } from "./peak.ts";

it("makes modules that compute: twelve sums of x/2 + 1, which go to 2", () => {
  const modules = [false, true].map(peakModule).filter((bytes) => WebAssembly.validate(bytes));
  expect(modules.length).toBeGreaterThan(0);
  for (const bytes of modules) {
    const { run } = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports as {
      run: (turns: number) => number;
    };
    expect([run(1), run(2), run(100)]).toEqual([12, 18, 24]);
  }
});
