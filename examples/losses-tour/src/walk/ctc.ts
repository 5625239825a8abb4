import { full, logSoftmax, manualSeed, nn, randint, randn } from "tapegrad";
import { list, type Page, rows, sum } from "../page.ts";

const STEPS = 50;
const CLASSES = 20;
const SAMPLES = 16;
const MOST_LABELS = 30;
const FEWEST_LABELS = 10;

/** 1.18: labels whose times are not known. */
export function ctcLoss(page: Page): void {
  page.section("1.18", "CTCLoss");
  manualSeed(0);
  const inputs = logSoftmax(randn(STEPS, SAMPLES, CLASSES), 2)
    .detach()
    .requiresGrad_();
  const target = randint(1, CLASSES, [SAMPLES, MOST_LABELS]);
  const inputLengths = full([SAMPLES], STEPS, { dtype: "int32" });
  const targetLengths = randint(FEWEST_LABELS, MOST_LABELS, [SAMPLES]);
  const loss = new nn.CTCLoss()(inputs, target, inputLengths, targetLengths);
  page.print("lengths:", targetLengths);
  page.print("CTC loss: ", loss.detach());
  const losses = list(targetLengths).map((length, n) => {
    const labels = list(target.select(0, n)).slice(0, length);
    return -logProbability(rows(inputs.detach().select(1, n)), labels) / length;
  });
  page.agree(loss, sum(losses) / SAMPLES);
}

/** The logarithm of the probability of labels, by the recursion over the steps; scaled at each, lest it vanish. */
function logProbability(logProbs: readonly (readonly number[])[], labels: readonly number[]): number {
  const states = [0, ...labels.flatMap((label) => [label, 0])]; // 0 is the blank
  let ways: readonly number[] = [];
  let logScale = 0;
  logProbs.forEach((row, t) => {
    const next = states.map((label, s) => {
      if (t === 0) return s < 2 ? Math.exp(row[label]!) : 0;
      const maySkip = s > 1 && label !== 0 && label !== states[s - 2];
      return (ways[s]! + (ways[s - 1] ?? 0) + (maySkip ? ways[s - 2]! : 0)) * Math.exp(row[label]!);
    });
    const scale = sum(next);
    ways = next.map((way) => way / scale);
    logScale += Math.log(scale);
  });
  return logScale + Math.log(ways.at(-1)! + ways.at(-2)!);
}
