import { expect, it } from "vitest";

// loaded within the test: what goes wrong at load is then the failure of a test, which mutation runs count
it("the losses load", async () => {
  const losses = await import("./index.ts");
  expect(Object.keys(losses).length).toBeGreaterThanOrEqual(40);
});
