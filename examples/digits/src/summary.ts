import { CLASSES } from "./data.ts";
import { confusionMatrix, type Evaluation } from "./evaluate.ts";

/** The result in a line. */
export function resultLine({ accuracy, labels }: Evaluation): string {
  const right = Math.round(accuracy * labels.length);
  return `test accuracy ${(100 * accuracy).toFixed(2)} % (${right} of ${labels.length})`;
}

/** The confusion matrix for a terminal: what was meant down, what was read across. */
export function matrixText(evaluation: Evaluation): string {
  const matrix = confusionMatrix(evaluation);
  const width = Math.max(4, ...matrix.flat().map((count) => String(count).length + 2));
  const cell = (value: number | string): string => String(value).padStart(width);
  const digits = Array.from({ length: CLASSES }, (_, digit) => digit);
  const head = [
    `${" ".repeat(7)}${"read as".padStart(width * (CLASSES / 2) + 4)}`,
    `  digit${digits.map(cell).join("")}    right`,
    `  ${"─".repeat(5 + width * CLASSES)}${"─".repeat(9)}`,
  ];
  const rows = matrix.map((row, digit) => {
    const total = row.reduce((sum, count) => sum + count, 0);
    const right = total === 0 ? "–" : `${Math.round((100 * row[digit]!) / total)} %`;
    return `${String(digit).padStart(7)}${row.map((count) => cell(count === 0 ? "·" : count)).join("")}${right.padStart(9)}`;
  });
  return [...head, ...rows].join("\n");
}
