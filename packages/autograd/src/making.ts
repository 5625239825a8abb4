import type { Storage } from "@tapegrad/tensor";

/** What the engine is about to make for itself: such arrays may live in the kernels' memory, and are freed at their last use. */
interface Making {
  /** Whether new arrays are a backward pass's own. */
  forBackward: boolean;
  /** What was made so by the entries that are being walked. */
  readonly made: Storage[];
  /** Whether the output of the next op is for the layer after it alone; put back by that op. */
  between: boolean;
  /** What that op made. */
  latest: Storage | null;
}

/** The current state of that. */
export const making: Making = { forBackward: false, made: [], between: false, latest: null };
