/** One line of the table: something that both sides do. */
export interface Line {
  /** Its name, the same in `python/lines.py`. */
  readonly name: string;
  /** Makes what is timed. Seeds are set before, so that both sides work on the same numbers. */
  readonly setup: () => Work;
}

/** What is timed, and a number by which both sides are held against each other. */
export interface Work {
  readonly run: () => unknown;
  /** A number that the work gives, after one run. */
  readonly check: () => number;
  /** How many units a run has, such as ops in a chain; times are given for one. @defaultValue 1 */
  readonly per?: number;
  /** Floating-point operations of a run, for the rate. */
  readonly flops?: number;
}
