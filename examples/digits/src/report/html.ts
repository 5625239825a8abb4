import { chartFigure } from "./charts.ts";
import type { ReportData } from "./data.ts";
import { misreadDigits } from "./digits.ts";
import { drawGraph } from "./graph.ts";
import { matrixSection } from "./matrix.ts";
import { style } from "./style.ts";
import { escapeHtml, grouped, percent, seconds } from "./text.ts";

/** The report of a run: one page of HTML that loads nothing. */
export async function renderReport(data: ReportData): Promise<string> {
  const { evaluation, model, graph, facts } = data;
  const wrong = evaluation.labels.filter((label, i) => label !== evaluation.readings[i]).length;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Handwritten digits: ${escapeHtml(percent(evaluation.accuracy, 2))} read correctly</title>
<style>${style}</style>
</head>
<body>
${header(data, wrong)}
<main>
<section>
<h2>Learning</h2>
<p>The training loss is the mean over an epoch, while the weights moved and dropout was on; the test digits are shown after it.</p>
${curves(data)}
${epochTable(data)}
</section>
<section>
<h2>Confusion matrix</h2>
<p>A row holds the digits that were meant, a column what the model read.</p>
${matrixSection(evaluation)}
</section>
<section>
<h2>Misread digits</h2>
<p>${wrong === 0 ? "" : "The surest mistakes first, with the probabilities that the model gave: what was read and what was meant."}</p>
${misreadDigits(data)}
</section>
<section>
<h2>The tape of one step</h2>
<p>What one training step has recorded, from the parameters (rounded) through every operation to the loss. Backward walks it from the bottom up.</p>
<div class="card scroll">${await drawGraph(graph)}</div>
</section>
<section>
<h2>Configuration</h2>
<div class="facts">${facts.map(factCard).join("\n")}</div>
<pre class="card">${escapeHtml(model)}</pre>
</section>
</main>
<footer>Digits: E. Alpaydin and C. Kaynak (1998), Optical Recognition of Handwritten Digits, UCI Machine Learning Repository, CC BY 4.0.</footer>
</body>
</html>
`;
}

function header({ config, evaluation, epochs, trained, parameters }: ReportData, wrong: number): string {
  const total = evaluation.labels.length;
  const time = epochs.reduce((sum, epoch) => sum + epoch.seconds, 0);
  const kind = config.model === "cnn" ? "A convolutional net" : "A multilayer perceptron";
  const summary: [string, string][] = [
    ["test accuracy", percent(evaluation.accuracy, 2)],
    ["misread", `${wrong} of ${grouped(total)}`],
    ["test loss", evaluation.loss.toFixed(4)],
    ["epochs", grouped(epochs.length)],
    ["training", seconds(time)],
    ["seed", String(config.seed)],
  ];
  return `<header>
<p class="eyebrow">tapegrad / handwritten digits</p>
<h1><em>${escapeHtml(percent(evaluation.accuracy))}</em> of ${grouped(total)} unseen digits read correctly</h1>
<p>${kind} with ${grouped(parameters)} parameters learned from ${grouped(trained)} digits in ${seconds(time)}.</p>
<dl class="summary">${summary.map(([name, value]) => `<div><dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd></div>`).join("")}</dl>
</header>`;
}

/** The narrowest that holds all accuracies is taken. */
const accuracyAxes = [
  { min: 0.95, interval: 0.01 },
  { min: 0.9, interval: 0.02 },
  { min: 0.8, interval: 0.05 },
  { min: 0.6, interval: 0.1 },
  { min: 0.2, interval: 0.2 },
  { min: 0, interval: 0.2 },
] as const;

function curves({ epochs }: ReportData): string {
  const lowest = Math.min(...epochs.flatMap(({ trainAccuracy, testAccuracy }) => [trainAccuracy, testAccuracy]));
  const figures = [
    chartFigure({
      title: "Loss",
      logarithmic: true,
      format: (value) => String(Number(value.toPrecision(2))),
      exactly: (value) => value.toFixed(3),
      lines: [
        { name: "training", values: epochs.map(({ trainLoss }) => trainLoss), colour: "train" },
        { name: "test", values: epochs.map(({ testLoss }) => testLoss), colour: "test" },
      ],
    }),
    chartFigure({
      title: "Accuracy",
      format: (value) => percent(value, 0),
      exactly: (value) => percent(value),
      axis: { ...accuracyAxes.find(({ min }) => lowest >= min)!, max: 1 },
      lines: [
        { name: "training", values: epochs.map(({ trainAccuracy }) => trainAccuracy), colour: "train" },
        { name: "test", values: epochs.map(({ testAccuracy }) => testAccuracy), colour: "test" },
      ],
    }),
    chartFigure({
      title: "Learning rate",
      format: (value) => String(Number(value.toPrecision(2))),
      lines: [{ name: "last", values: epochs.map(({ learningRate }) => learningRate), colour: "rate" }],
    }),
  ];
  return `<div class="charts">${figures.join("\n")}</div>`;
}

function epochTable({ epochs }: ReportData): string {
  const titles = [
    "epoch",
    "training loss",
    "training accuracy",
    "test loss",
    "test accuracy",
    "learning rate",
    "seconds",
  ];
  const rows = epochs.map((epoch) => {
    const cells = [
      String(epoch.epoch),
      epoch.trainLoss.toFixed(5),
      percent(epoch.trainAccuracy, 2),
      epoch.testLoss.toFixed(5),
      percent(epoch.testAccuracy, 2),
      epoch.learningRate.toPrecision(4),
      epoch.seconds.toFixed(2),
    ];
    return `<tr>${cells.map((text) => `<td>${escapeHtml(text)}</td>`).join("")}</tr>`;
  });
  return `<details><summary>All epochs in numbers</summary><div class="scroll"><table class="epochs">
<thead><tr>${titles.map((title) => `<th scope="col">${title}</th>`).join("")}</tr></thead>
<tbody>${rows.join("\n")}</tbody>
</table></div></details>`;
}

function factCard([title, facts]: ReportData["facts"][number]): string {
  const items = facts.map(([name, value]) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd>`);
  return `<div class="card"><h3>${escapeHtml(title)}</h3><dl>${items.join("")}</dl></div>`;
}
