import { expect, it } from "vitest";
import type { ReportData } from "./data.ts";
import { renderReport } from "./html.ts";

const probabilities = [[0.9, 0.1, 0, 0, 0, 0, 0, 0, 0, 0]];

/** A report of made-up numbers. */
function reportData(change: Partial<ReportData> = {}): ReportData {
  const epoch = { trainLoss: 1, trainAccuracy: 0.5, testLoss: 0.8, testAccuracy: 0.6, learningRate: 0.01, seconds: 1 };
  return {
    config: { model: "cnn", epochs: 2, batchSize: 32, lr: 0.01, seed: 0 },
    epochs: [
      { epoch: 1, ...epoch },
      { epoch: 2, ...epoch, testLoss: 0.4, testAccuracy: 0.9 },
    ],
    evaluation: { loss: 0.4, accuracy: 0, labels: [1], readings: [0], probabilities },
    images: [Array.from({ length: 64 }, (_, i) => (i % 17) / 16)],
    trained: 1437,
    parameters: 12345,
    model: "Cnn()",
    graph: "digraph { n0 [label=weight, style=rounded, shape=box]; n1 [label=relu, shape=box]; n0 -> n1 }",
    facts: [["Run", [["seed", "0"]]]],
    ...change,
  };
}

it("is one page that loads nothing", async () => {
  const page = await renderReport(reportData());
  expect(page.slice(0, 15)).toBe("<!doctype html>");
  expect(page.match(/https?:|\/\/[a-z]|<script|<link|<img|<iframe|@import|url\((?!#)|\ssrc=|\shref=/i)).toBeNull();
});

it("shows the curves, the matrix, the misread digit, the graph and the configuration", async () => {
  const page = await renderReport(reportData());
  expect(page.match(/<figure class="chart">/g)).toHaveLength(3);
  expect(page).toContain('title="1 read as 0: 1"');
  expect(page).toContain("Test digit 1: a 1 that was read as 0");
  expect(page.match(/<rect x="\d" y="\d"/g)).toHaveLength(reportData().images[0]!.filter((ink) => ink > 0).length);
  expect(page).toContain("90.0 %");
  expect(page).toMatch(/<svg class="graph"[\s\S]*>relu<\/text>/);
  expect(page).toContain("12,345");
  expect(page).toContain("<dt>seed</dt><dd>0</dd>");
});

it("escapes whatever comes from outside", async () => {
  const nasty = `<script>alert("1 & '2'")</script>`;
  const page = await renderReport(
    reportData({
      model: nasty,
      facts: [[nasty, [[nasty, nasty]]]],
      graph: `digraph { a [label=${JSON.stringify(nasty)}] }`,
    }),
  );
  expect(page.includes("<script>")).toBe(false);
  expect(page).toContain("&lt;script&gt;alert(&quot;1 &amp; &#39;2&#39;&quot;)&lt;/script&gt;");
});

it("holds when there is one epoch and nothing was misread", async () => {
  const { epochs, evaluation } = reportData();
  const page = await renderReport(
    reportData({ epochs: epochs.slice(0, 1), evaluation: { ...evaluation, accuracy: 1, readings: [1] } }),
  );
  expect(page).toContain("every digit was read correctly");
  expect(page.match(/NaN|undefined|Infinity/)).toBeNull();
});
