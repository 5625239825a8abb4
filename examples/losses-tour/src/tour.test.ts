import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { ones } from "tapegrad";
import { describe, expect, it } from "vitest";
import { Page } from "./page.ts";

const main = fileURLToPath(new URL("main.ts", import.meta.url));
const { status, stdout } = spawnSync(process.execPath, ["--conditions=tapegrad:source", "--import", "tsx", main], {
  encoding: "utf8",
});

/** What PyTorch 2.13.0 printed for losses_tour.py. */
const recorded = readFileSync(new URL("../__fixtures__/tour.txt", import.meta.url), "utf8");

const NUMBER = /-?\d+\.\d*(?:e[+-]\d+)?/g;
const words = (text: string): string => text.replace(NUMBER, "#");
const numbers = (text: string): number[] => (text.match(NUMBER) ?? []).map(Number);

describe("the tour of losses", () => {
  it("ends well: library and hand agree everywhere", () => {
    expect(status).toBe(0);
    expect(stdout.match(/^agree: \w+$/gm)).toHaveLength(33);
    expect(stdout).not.toContain("agree: False");
  });

  it("prints what PyTorch prints", () => {
    expect(words(stdout)).toBe(words(recorded));
    const [ours, theirs] = [numbers(stdout), numbers(recorded)];
    expect(ours).toEqual(theirs.map((value) => expect.closeTo(value, 6)));
  });

  it.each([
    [
      "cross entropy of each sample, their sum and mean",
      "tensor([1.3133, 0.1269, 0.1269]) tensor(1.5671) tensor(0.5224)",
    ],
    ["the first of them by hand", "1.3132617, or 1.3132616875182226"],
    ["the weighted mean", "tensor(0.3642)"],
    ["an entry of log-probabilities, negated", "tensor(-0.5340)"],
    ["absolute errors", "L1 loss:tensor([[2., 2.],\n        [2., 2.]])"],
    ["squared errors", "MSE loss:tensor([[4., 4.],\n        [4., 4.]])"],
    [
      "Poisson NLL",
      "Poisson NLL loss:tensor([[2.2363, 1.3503],\n        [1.1575, 1.6242]])\nfirst element: tensor(2.2363)",
    ],
    [
      "the draws that it is of",
      "input:tensor([[0.6614, 0.2669],\n        [0.0617, 0.6213]])\ntarget:tensor([[-0.4519, -0.1661],\n        [-1.5228,  0.3817]])",
    ],
    ["divergences", "tensor([[-0.5448, -0.1648, -0.1598],\n        [-0.2503, -0.4597, -0.4219]])"],
    ["the first divergence", "first element: tensor(-0.5448)"],
    ["several labels", "MultiLabel Margin Loss tensor([0.8500])"],
    ["a triplet", "Triplet Margin Loss tensor(1.5000)"],
  ])("prints %s", (_, figures) => {
    expect(stdout).toContain(figures);
  });

  it("would say so if they did not agree", () => {
    const lines: string[] = [];
    const page = new Page((text) => lines.push(text));
    page.agree(ones(2), [1, 1]);
    expect(page.agreed).toBe(true);
    page.agree(ones(2), [1, 1.001]);
    expect(page.agreed).toBe(false);
    page.agree(ones(2), 1);
    expect(page.agreed).toBe(false);
    expect(lines.filter((line) => line.startsWith("agree"))).toEqual(["agree: True", "agree: False", "agree: True"]);
  });
});
