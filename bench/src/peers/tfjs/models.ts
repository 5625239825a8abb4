import { fused, losses, matMul, softmax, split, type Tensor, type Variable } from "@tensorflow/tfjs";
import { gptSizes } from "../../lines/gptSizes.ts";

/** The parameters of a model, by name. */
export type Weights = Readonly<Record<string, Variable>>;

/** What a model is trained on. */
export type Data = Readonly<Record<string, Tensor>>;

function linear(x: Tensor, p: Weights, name: string, activation: "linear" | "relu" = "linear"): Tensor {
  return fused.matMul({ a: x, b: p[`${name}.weight`]!, bias: p[`${name}.bias`]!, activation }) as Tensor;
}

/** The loss of the three-layer perceptron. */
export function mlpLoss(p: Weights, { x, y }: Data): Tensor {
  const hidden = linear(linear(x!, p, "0", "relu"), p, "2", "relu");
  return losses.softmaxCrossEntropy(y!, linear(hidden, p, "4"));
}

/** The loss of the perceptron of sixteen hidden units. */
export function tinyLoss(p: Weights, { x, y }: Data): Tensor {
  return losses.sigmoidCrossEntropy(y!, linear(linear(x!, p, "0").tanh(), p, "2"));
}

const { batch, context, width, heads, layers } = gptSizes;

function norm(x: Tensor, p: Weights, name: string): Tensor {
  const centred = x.sub(x.mean(-1, true));
  const scale = centred.square().mean(-1, true).add(1e-5).rsqrt();
  return centred.mul(scale).mul(p[`${name}.weight`]!).add(p[`${name}.bias`]!);
}

/** The approximation by tanh; a fused one would differ. */
function gelu(x: Tensor): Tensor {
  const inner = x
    .square()
    .mul(0.044715)
    .add(1)
    .mul(x)
    .mul(Math.sqrt(2 / Math.PI));
  return inner.tanh().add(1).mul(x).mul(0.5);
}

function block(x: Tensor, p: Weights, name: string, mask: Tensor): Tensor {
  const size = width / heads;
  const joined = linear(norm(x, p, `${name}.norm1`), p, `${name}.qkv`);
  const [query, key, value] = split(joined, 3, 1).map((part) =>
    part.reshape([batch, context, heads, size]).transpose([0, 2, 1, 3]),
  );
  const scores = matMul(query!, key!, false, true).mul(1 / Math.sqrt(size));
  const mixed = matMul(softmax(scores.add(mask)), value!);
  const rows = mixed.transpose([0, 2, 1, 3]).reshape([batch * context, width]);
  const attended = x.add(linear(rows, p, `${name}.project`));
  return attended.add(
    linear(gelu(linear(norm(attended, p, `${name}.norm2`), p, `${name}.expand`)), p, `${name}.contract`),
  );
}

/** The loss of the language model; `x` are rows of zeros with a one, since the backend has no gradient of a look-up. */
export function gptLoss(p: Weights, { x, y, mask }: Data): Tensor {
  const tokens = matMul(x!, p["tokens.weight"]! as Tensor).reshape([batch, context, width]);
  let h = tokens.add(p["positions.weight"]!).reshape([batch * context, width]);
  for (let i = 0; i < layers; i++) h = block(h, p, `blocks.${i}`, mask!);
  return losses.softmaxCrossEntropy(y!, linear(norm(h, p, "norm"), p, "head"));
}
