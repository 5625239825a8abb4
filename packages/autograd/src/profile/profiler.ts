import { bytesOf, type NDArray, type Shape } from "@tapegrad/tensor";
import type { Watcher } from "../context.ts";
import type { Node } from "../node.ts";
import type { AnyOpSpec } from "../op.ts";
import type { Tensor } from "../tensor.ts";

/** What an event is: an op, the step of backward through one, or a stretch of the program that {@link recordFunction} named. */
export type Phase = "forward" | "backward" | "region";

/** Something that took time. */
export interface ProfileEvent {
  /** The op's name, or the region's. */
  readonly name: string;
  readonly phase: Phase;
  /** Milliseconds from the beginning of the profile. */
  readonly start: number;
  /** Milliseconds, with everything that happened meanwhile. */
  readonly duration: number;
  /** Bytes of the arrays that were made meanwhile. */
  readonly bytes: number;
  /** How many events it lies within. */
  readonly depth: number;
  /** Shapes of the inputs of an op, of the gradient of a step of backward. */
  readonly shapes: readonly Shape[];
}

/** Writes down what happens. */
export class Profiler implements Watcher {
  readonly events: ProfileEvent[] = [];
  readonly #origin: number = performance.now();
  #bytes = 0;
  #depth = 0;

  /** Milliseconds since it was made. */
  get elapsed(): number {
    return performance.now() - this.#origin;
  }

  allocated(array: NDArray): void {
    this.#bytes += array.size * bytesOf[array.dtype];
  }

  op(spec: AnyOpSpec, inputs: readonly Tensor[], run: () => Tensor): Tensor {
    return this.measure(
      spec.name,
      "forward",
      inputs.map(({ shape }) => shape),
      run,
    );
  }

  step(node: Node, run: () => void): void {
    this.measure(node.spec!.name, "backward", [node.shape], run);
  }

  measure<T>(name: string, phase: Phase, shapes: readonly Shape[], run: () => T): T {
    const [start, bytes, depth] = [this.elapsed, this.#bytes, this.#depth++];
    try {
      return run();
    } finally {
      this.#depth = depth;
      const duration = this.elapsed - start;
      this.events.push({ name, phase, start, duration, bytes: this.#bytes - bytes, depth, shapes });
    }
  }
}
