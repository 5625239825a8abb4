import type { Tensor } from "tapegrad";

/** One line of the table: something that all sides do. */
export interface Line {
  /** Its name, by which every side knows it. */
  readonly name: string;
  /** Whether it is a training step: what memory is measured on. @defaultValue false */
  readonly trains?: boolean;
  /** Makes what is timed. The seed is set before, so that the same numbers are drawn everywhere. */
  readonly setup: () => Work;
}

/** What is timed, what it starts from, and what it gives. */
export interface Work {
  readonly run: () => unknown;
  /** The numbers that the run works on and the parameters of a model, for sides that do not draw them by themselves. */
  readonly inputs: Readonly<Record<string, Tensor>>;
  /** What all sides must agree on, by name. Called once, before anything is timed. */
  readonly results: () => Readonly<Record<string, Tensor>>;
  /** How many units a run has, such as ops in a chain; times are given for one. @defaultValue 1 */
  readonly per?: number;
  /** Floating-point operations of the matrix products and convolutions of a run, for the rate. */
  readonly flops?: number;
}
