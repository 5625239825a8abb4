import { type DrawOptions, embedding, empty, type Indices, type Tensor } from "@tapegrad/autograd";
import { type DType, fail } from "@tapegrad/tensor";
import { drawing } from "../init/drawing.ts";
import { normal_ } from "../init/simple.ts";
import { Module } from "../module.ts";
import { checkCount, withDefaults } from "../options.ts";
import { Parameter } from "../parameter.ts";

/** Options of {@link Embedding}. */
export interface EmbeddingLayerOptions extends DrawOptions {
  /** The row that starts at zero and stays there; negative ones count from the end. @defaultValue null */
  readonly paddingIdx?: number | null;
  /** Not available: anything but null is an error. @defaultValue null */
  readonly maxNorm?: null;
  /** Not available: anything but false is an error. @defaultValue false */
  readonly scaleGradByFreq?: false;
  /** Not available: anything but false is an error. @defaultValue false */
  readonly sparse?: false;
  /** @defaultValue float32 */
  readonly dtype?: DType;
}

/** Options of {@link Embedding.fromPretrained}. */
export interface PretrainedOptions extends Pick<EmbeddingLayerOptions, "paddingIdx"> {
  /** Whether the rows stay as they are. @defaultValue true */
  readonly freeze?: boolean;
}

const defaults = {
  paddingIdx: null,
  maxNorm: null,
  scaleGradByFreq: false,
  sparse: false,
  dtype: "float32",
  generator: undefined,
} as const;

/**
 * A table of learned rows, looked up by number (torch.nn.Embedding).
 *
 * Input int32 of any shape, output of that shape and [embeddingDim]; weight [numEmbeddings, embeddingDim], normal at first.
 */
export class Embedding extends Module<[input: Indices]> {
  static override readonly name: string = "Embedding";
  readonly numEmbeddings: number;
  readonly embeddingDim: number;
  readonly paddingIdx: number | null;
  weight: Parameter;

  constructor(numEmbeddings: number, embeddingDim: number, options: EmbeddingLayerOptions = {}) {
    super();
    const where = "Embedding";
    const { paddingIdx, dtype, generator, ...others } = withDefaults(where, options, defaults);
    for (const [option, value] of Object.entries(others)) {
      if (value) fail("unsupported", where, "this option is not available", { [option]: value });
    }
    this.numEmbeddings = checkCount(where, "numEmbeddings", numEmbeddings);
    this.embeddingDim = checkCount(where, "embeddingDim", embeddingDim);
    this.paddingIdx = checkPadding(paddingIdx, numEmbeddings);
    this.weight = new Parameter(empty([numEmbeddings, embeddingDim], { dtype }));
    this.resetParameters(drawing(generator));
  }

  /** A layer over rows that are there already, shared and not copied (torch.nn.Embedding.from_pretrained). */
  static fromPretrained(weight: Tensor, options: PretrainedOptions = {}): Embedding {
    const where = "Embedding.fromPretrained";
    const { freeze, paddingIdx } = withDefaults(where, options, { freeze: true, paddingIdx: null });
    if (weight.ndim !== 2) fail("invalid_shape", where, "the weight must be a matrix", { weight: weight.shape });
    const layer = new Embedding(0, weight.shape[1]!);
    return Object.assign(layer, {
      numEmbeddings: weight.shape[0]!,
      paddingIdx: checkPadding(paddingIdx, weight.shape[0]!),
      weight: new Parameter(weight.detach(), { requiresGrad: !freeze }),
    });
  }

  /** Draws the rows anew, but for that of the padding, which is set to zero. */
  resetParameters(options: DrawOptions = {}): void {
    normal_(this.weight, 0, 1, options);
    if (this.paddingIdx !== null) this.weight.detach().select(0, this.paddingIdx).zero_();
  }

  override forward(input: Indices): Tensor {
    return embedding(input, this.weight, { paddingIdx: this.paddingIdx });
  }

  override extraRepr(): string {
    const padding = this.paddingIdx === null ? "" : `, padding_idx=${this.paddingIdx}`;
    return `${this.numEmbeddings}, ${this.embeddingDim}${padding}`;
  }
}

/** The number of the padding row, counted from the front. */
function checkPadding(paddingIdx: number | null, rows: number): number | null {
  if (paddingIdx === null) return null;
  if (!Number.isInteger(paddingIdx) || paddingIdx < -rows || paddingIdx >= rows) {
    fail("invalid_option", "Embedding", "paddingIdx is not a row of the table", { paddingIdx, numEmbeddings: rows });
  }
  return paddingIdx < 0 ? paddingIdx + rows : paddingIdx;
}
