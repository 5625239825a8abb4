/** The models that can be trained. */
export const modelKinds = ["cnn", "mlp"] as const;

/** One of the models. */
export type ModelKind = (typeof modelKinds)[number];

/** Everything that decides the numbers of a run, together with the data. */
export interface Config {
  readonly model: ModelKind;
  readonly epochs: number;
  readonly batchSize: number;
  /** The learning rate at the start; it falls to 0 along half a cosine. */
  readonly lr: number;
  readonly seed: number;
}

/** The run that needs no flags. */
export const defaults: Config = { model: "cnn", epochs: 12, batchSize: 32, lr: 0.01, seed: 0 };

/** How each setting is called on the command line. */
export const flagOf: Readonly<Record<keyof Config, string>> = {
  model: "--model",
  epochs: "--epochs",
  batchSize: "--batch-size",
  lr: "--lr",
  seed: "--seed",
};
