import { CLASSES } from "../data.ts";
import { confusionMatrix, type Evaluation } from "../evaluate.ts";
import { escapeHtml, percent } from "./text.ts";

const all = Array.from({ length: CLASSES }, (_, digit) => digit);

/** The confusion matrix as a table, and beside it the digits that were confused most often. */
export function matrixSection(evaluation: Evaluation): string {
  const matrix = confusionMatrix(evaluation);
  const rows = matrix.map((row, digit) => {
    const total = row.reduce((sum, count) => sum + count, 0);
    const cells = row.map((count, reading) => cell(count, total, digit === reading, `${digit} read as ${reading}`));
    const recall = total === 0 ? "–" : percent(row[digit]! / total, 0);
    return `<tr><th scope="row">${digit}</th>${cells.join("")}<td class="recall">${escapeHtml(recall)}</td></tr>`;
  });
  return `<div class="confusion">
<div class="scroll"><table class="matrix">
<thead><tr><td></td><th colspan="${CLASSES}" class="axis">read as</th><td></td></tr>
<tr><th class="axis">digit</th>${all.map((digit) => `<th scope="col">${digit}</th>`).join("")}<th class="recall">right</th></tr></thead>
<tbody>${rows.join("\n")}</tbody>
</table></div>
${confusions(matrix)}
</div>`;
}

function cell(count: number, total: number, right: boolean, title: string): string {
  if (count === 0) return '<td class="none">·</td>';
  const share = count / total;
  // mistakes are few: their shades start where the eye sees them
  const shade = right ? share : Math.min(1, 0.25 + 2 * share);
  return `<td class="${right ? "right" : "wrong"}" style="--shade: ${shade.toFixed(3)}" title="${escapeHtml(title)}: ${count}">${count}</td>`;
}

/** Which digits were taken for which, most often first. */
function confusions(matrix: readonly (readonly number[])[]): string {
  const pairs = matrix
    .flatMap((row, digit) => row.map((count, reading) => ({ digit, reading, count })))
    .filter(({ digit, reading, count }) => digit !== reading && count > 0)
    .sort((a, b) => b.count - a.count);
  if (pairs.length === 0) return "";
  const items = pairs.slice(0, 6).map(({ digit, reading, count }) => {
    return `<li><b>${digit}</b> read as <b class="wrong">${reading}</b> <span>${count === 1 ? "once" : `${count} times`}</span></li>`;
  });
  return `<aside><h3>Most often confused</h3><ol class="pairs">${items.join("")}</ol></aside>`;
}
