import { cat, type Tensor } from "tapegrad";
import type { Reader } from "../reader.ts";
import type { OptimFile } from "./optim.ts";

/**
 * The function that the fixtures of LBFGS minimise, of x = all parameters in one vector:
 * `quadratic` is ½ Σ c (x − t)² + 0.1 Σ x[i] x[i+1]; `rosenbrock` is Σ 5 (x[i+1] − x[i]²)² + (1 − x[i])².
 */
export function closureOf(
  kind: "quadratic" | "rosenbrock",
  params: readonly Tensor[],
  file: OptimFile,
  reader: Reader,
): () => Tensor {
  const [c, t] = [file.c, file.t].map((json) => reader.value(json ?? null) as Tensor) as [Tensor, Tensor];
  return () => {
    const x = cat(params.map((param) => param.reshape(-1)));
    const [head, tail] = [x.narrow(0, 0, x.numel() - 1), x.narrow(0, 1, x.numel() - 1)];
    if (kind === "quadratic") return c.mul(x.sub(t).pow(2)).sum().mul(0.5).add(head.mul(tail).sum().mul(0.1));
    return tail.sub(head.pow(2)).pow(2).mul(5).add(head.neg().add(1).pow(2)).sum();
  };
}
