import { nn, type Tensor } from "tapegrad";
import { gptSizes } from "./gptSizes.ts";

const F = nn.functional;

const { vocabulary, context, width, heads, layers, batch } = gptSizes;

/** Floating-point operations of one training step: three times those of the products of the forward pass. */
export const gptFlops: number =
  3 * 2 * batch * context * (layers * (12 * width * width + 2 * context * width) + width * vocabulary);

/** Attention and a hidden layer of four times the width, each behind a layer norm and around a residual. */
class Block extends nn.Module {
  static override readonly name: string = "Block";
  norm1: nn.LayerNorm = new nn.LayerNorm(width);
  qkv: nn.Linear = new nn.Linear(width, 3 * width);
  project: nn.Linear = new nn.Linear(width, width);
  norm2: nn.LayerNorm = new nn.LayerNorm(width);
  expand: nn.Linear = new nn.Linear(width, 4 * width);
  contract: nn.Linear = new nn.Linear(4 * width, width);

  override forward(x: Tensor): Tensor {
    const [samples = 0, steps = 0] = x.shape;
    const apart = (part: Tensor): Tensor => part.view(samples, steps, heads, width / heads).transpose(1, 2);
    const [query, key, value] = this.qkv(this.norm1(x)).split(width, 2).map(apart);
    const mixed = F.scaledDotProductAttention(query!, key!, value!, { isCausal: true });
    const attended = x.add(this.project(mixed.transpose(1, 2).reshape(samples, steps, width)));
    return attended.add(this.contract(F.gelu(this.expand(this.norm2(attended)), { approximate: "tanh" })));
  }
}

/** A decoder over characters: the logits of the next one after each, [batch · context, vocabulary], from int32 [batch, context]. */
export class GPT extends nn.Module {
  static override readonly name: string = "GPT";
  tokens: nn.Embedding = new nn.Embedding(vocabulary, width);
  positions: nn.Embedding = new nn.Embedding(context, width);
  blocks: nn.Sequential = new nn.Sequential(...Array.from({ length: layers }, () => new Block()));
  norm: nn.LayerNorm = new nn.LayerNorm(width);
  head: nn.Linear = new nn.Linear(width, vocabulary);

  override forward(ids: Tensor): Tensor {
    const x = this.tokens(ids).add(this.positions.weight);
    return this.head(this.norm(this.blocks(x))).view(-1, vocabulary);
  }
}
