import type { Node } from "./node.ts";

/**
 * The entries at which gradients have arrived and wait to be sent on, in the opposite order of recording: when the newest of them is
 * taken out, all that sends something to it has been taken out before. Leaves come after all ops, in the order in which they were put in.
 */
export class Frontier {
  /** A heap: no node is older than those at 2i + 1 and 2i + 2. */
  readonly #ops: Node[] = [];
  readonly #leaves: Node[] = [];
  #leavesTaken = 0;

  /** Puts a node in, which is not there. */
  add(node: Node): void {
    if (node.spec === null) {
      this.#leaves.push(node);
      return;
    }
    const heap = this.#ops;
    let i = heap.length;
    heap.push(node);
    while (i > 0) {
      const above = (i - 1) >> 1;
      const parent = heap[above]!;
      if (parent.sequence > node.sequence) break;
      heap[i] = parent;
      i = above;
    }
    heap[i] = node;
  }

  /** Takes out the newest op, else the next leaf; null if there is nothing. */
  take(): Node | null {
    const heap = this.#ops;
    const last = heap.pop();
    if (last === undefined) return this.#leaves[this.#leavesTaken++] ?? null;
    const size = heap.length;
    if (size === 0) return last;
    const newest = heap[0]!;
    let i = 0;
    for (let child = 1; child < size; child = 2 * i + 1) {
      if (child + 1 < size && heap[child + 1]!.sequence > heap[child]!.sequence) child++;
      const node = heap[child]!;
      if (node.sequence < last.sequence) break;
      heap[i] = node;
      i = child;
    }
    heap[i] = last;
    return newest;
  }

  /** What waits, in any order. */
  waiting(): Node[] {
    return [...this.#ops, ...this.#leaves.slice(this.#leavesTaken)];
  }
}

/** The nodes from which one of `targets` can be reached, on the way from `roots`. */
export function leadingTo(roots: readonly Node[], targets: ReadonlySet<Node>): Set<Node> {
  const reached = new Set(roots);
  for (const node of reached) {
    for (let i = 0; i < node.inputs; i++) {
      const next = node.edge(i);
      if (next !== null) reached.add(next);
    }
  }
  const oldestFirst = [...reached].sort((a, b) => a.sequence - b.sequence);
  const leading = new Set(targets);
  for (const node of oldestFirst) {
    for (let i = 0; i < node.inputs; i++) {
      const next = node.edge(i);
      if (next !== null && leading.has(next)) leading.add(node);
    }
  }
  return leading;
}
