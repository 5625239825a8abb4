import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { digitsMlp, type Run } from "./digitsMlp.ts";

/** What PyTorch 2.13.0 printed for digits_mlp.py. */
const recorded: Run = JSON.parse(readFileSync(new URL("../__fixtures__/digits_mlp.json", import.meta.url), "utf8"));

describe("digitsMlp", () => {
  const run = digitsMlp(fileURLToPath(new URL("../../digits/data/digits.csv", import.meta.url)));

  it("starts from PyTorch's weights", () => {
    expect(run.initial).toEqual(recorded.initial);
  });

  it("sees PyTorch's first batch", () => {
    expect(run.first_batch_labels).toEqual(recorded.first_batch_labels);
  });

  it("has each of PyTorch's losses within 1e-5", () => {
    expect(run.losses).toHaveLength(540);
    expect(recorded.losses).toHaveLength(540);
    const worst = Math.max(...run.losses.map((loss, i) => Math.abs(loss - recorded.losses[i]!)));
    expect(worst).toBeLessThan(1e-5);
  });

  it("reads as many test digits correctly after each epoch", () => {
    const right = (accuracies: readonly number[]): number[] => accuracies.map((accuracy) => Math.round(360 * accuracy));
    expect(right(run.test_accuracy_per_epoch)).toEqual(right(recorded.test_accuracy_per_epoch));
    run.test_accuracy_per_epoch.forEach((accuracy, epoch) => {
      expect(Math.abs(accuracy - recorded.test_accuracy_per_epoch[epoch]!)).toBeLessThan(1e-7);
    });
  });

  it("ends with weights of PyTorch's norms", () => {
    expect(Object.keys(run.final_weight_norms)).toEqual(Object.keys(recorded.final_weight_norms));
    for (const [name, norm] of Object.entries(recorded.final_weight_norms)) {
      expect(Math.abs(run.final_weight_norms[name]! / norm - 1)).toBeLessThan(1e-5);
    }
  });
});
