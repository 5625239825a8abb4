import { lax, nn, numpy as np } from "@jax-js/jax";
import { gptSizes } from "../../lines/gptSizes.ts";
import type { JaxArray, Tree } from "./library.ts";

/** A linear layer of the model. */
function linear(x: JaxArray, p: Tree, name: string): JaxArray {
  return np.matmul(x, p[`${name}.weight`]!).add(p[`${name}.bias`]!);
}

/** Cross entropy with targets given as rows of zeros with a one. */
export function crossEntropy(logits: JaxArray, targets: JaxArray): JaxArray {
  return np.mean(np.sum(nn.logSoftmax(logits, -1).mul(targets), -1)).mul(-1);
}

/** The loss of the three-layer perceptron. */
export function mlpLoss(p: Tree, { x, y }: Tree): JaxArray {
  const hidden = nn.relu(linear(nn.relu(linear(x!, p, "0")), p, "2"));
  return crossEntropy(linear(hidden, p, "4"), y!);
}

/** The loss of the perceptron of sixteen hidden units: binary cross entropy of logits z, max(z, 0) − zy + log(1 + e^−|z|). */
export function tinyLoss(p: Tree, { x, y }: Tree): JaxArray {
  const z = linear(np.tanh(linear(x!, p, "0")), p, "2");
  const tail = np.log1p(np.exp(np.abs(z.ref).mul(-1)));
  return np.mean(nn.relu(z.ref).sub(z.mul(y!)).add(tail));
}

function convolved(x: JaxArray, p: Tree, name: string): JaxArray {
  const bias = p[`${name}.bias`]!;
  const [channels = 0] = bias.shape;
  const h = nn.relu(lax.conv(x, p[`${name}.weight`]!, [1, 1], "SAME").add(bias.reshape([channels, 1, 1])));
  const [samples = 0, planes = 0, height = 0, width = 0] = h.shape;
  return np.max(h.reshape([samples, planes, height / 2, 2, width / 2, 2]), [3, 5]);
}

/** The loss of the convolutional network. */
export function cnnLoss(p: Tree, { x, y }: Tree): JaxArray {
  const h = convolved(convolved(x!, p, "0"), p, "3");
  return crossEntropy(linear(h.reshape([h.shape[0]!, 784]), p, "7"), y!);
}

const { batch, context, width, heads, layers } = gptSizes;

function norm(x: JaxArray, p: Tree, name: string): JaxArray {
  return nn.standardize(x, -1).mul(p[`${name}.weight`]!).add(p[`${name}.bias`]!);
}

function block(x: JaxArray, p: Tree, name: string, mask: JaxArray): JaxArray {
  const size = width / heads;
  const joined = linear(norm(x.ref, p, `${name}.norm1`), p, `${name}.qkv`).reshape([batch, context, 3, heads, size]);
  const [query, key, value] = np
    .split(joined, 3, 2)
    .map((one) => one.reshape([batch, context, heads, size]).transpose([0, 2, 1, 3]));
  const scores = np.matmul(query!, key!.transpose([0, 1, 3, 2])).mul(1 / Math.sqrt(size));
  const mixed = np.matmul(nn.softmax(scores.add(mask), -1), value!);
  const rows = mixed.transpose([0, 2, 1, 3]).reshape([batch * context, width]);
  const attended = x.add(linear(rows, p, `${name}.project`));
  const hidden = nn.gelu(linear(norm(attended.ref, p, `${name}.norm2`), p, `${name}.expand`));
  return attended.add(linear(hidden, p, `${name}.contract`));
}

/** The loss of the language model; `x` are rows of zeros with a one, which make its table's gradient a matrix product. */
export function gptLoss(p: Tree, { x, y, mask }: Tree): JaxArray {
  const tokens = np.matmul(x!, p["tokens.weight"]!).reshape([batch, context, width]);
  let h = tokens.add(p["positions.weight"]!).reshape([batch * context, width]);
  for (let i = 0; i < layers; i++) h = block(h, p, `blocks.${i}`, mask!.ref);
  mask!.dispose();
  return crossEntropy(linear(norm(h, p, "norm"), p, "head"), y!);
}
