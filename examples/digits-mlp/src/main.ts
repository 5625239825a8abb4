import { fileURLToPath } from "node:url";
import { digitsMlp } from "./digitsMlp.ts";

const run = digitsMlp(process.argv[2] ?? fileURLToPath(new URL("../../digits/data/digits.csv", import.meta.url)));
const { losses, test_accuracy_per_epoch: accuracies } = run;
const batches = losses.length / accuracies.length;
accuracies.forEach((accuracy, epoch) => {
  const own = losses.slice(epoch * batches, (epoch + 1) * batches);
  console.log(`epoch ${epoch + 1}: test accuracy ${accuracy}`);
  console.log(`  losses ${own.map((loss) => loss.toFixed(6)).join(" ")}`);
});
console.log(JSON.stringify(run.final_weight_norms, null, 2));
