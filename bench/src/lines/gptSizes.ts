/** The sizes of the language model, and of the batches that it is trained on. */
export const gptSizes = { vocabulary: 65, context: 64, width: 128, heads: 4, layers: 2, batch: 16 } as const;
