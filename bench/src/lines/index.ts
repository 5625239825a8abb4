import { manualSeed } from "tapegrad";
import { addChain, elementwise, matmul, reluChain } from "./kernels.ts";
import type { Line, Work } from "./line.ts";
import { crossEntropy, ctc } from "./losses.ts";
import { cnn, gpt, mlp, tinyMlp } from "./training.ts";

export type { Line, Work } from "./line.ts";

/** What is measured, in the order of the table. Names are stable: lines are selected and compared by them. */
export const lines: readonly Line[] = [
  ...[64, 256, 512, 1024].map((n) => matmul(n, n, n)),
  matmul(64, 784, 256),
  elementwise("exp"),
  elementwise("tanh"),
  reluChain,
  mlp,
  cnn,
  gpt,
  crossEntropy(1024, 1000),
  crossEntropy(64, 10),
  ctc(50, 20, 16),
  tinyMlp,
  addChain,
];

/** Sets up a line on the seed that is the same everywhere. */
export function prepare(line: Line): Work {
  manualSeed(0);
  return line.setup();
}
