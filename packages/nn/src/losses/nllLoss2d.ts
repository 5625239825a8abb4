import { NLLLoss } from "./nllLoss.ts";

/**
 * {@link NLLLoss} under the name that it once had for images.
 *
 * @deprecated Use {@link NLLLoss}, which takes any number of dimensions.
 * @see torch.nn.NLLLoss2d
 */
export class NLLLoss2d extends NLLLoss {
  static override readonly name: string = "NLLLoss2d";
}
