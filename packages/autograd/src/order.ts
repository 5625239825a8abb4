import type { Node } from "./node.ts";

let walks = 0;

/** Every node that the roots depend on: ops in the opposite order of recording, and then the leaves. */
export function newestFirst(roots: readonly Node[]): Node[] {
  const walk = ++walks;
  const order: Node[] = [];
  const leaves: Node[] = [];
  for (let i = 0; i < roots.length; i++) visit(roots[i]!, walk, order, leaves);
  let sorted = true; // a chain comes out in order
  for (let i = 0; i < order.length; i++) {
    const node = order[i]!;
    if (i > 0 && node.sequence > order[i - 1]!.sequence) sorted = false;
    for (let j = node.inputs - 1; j >= 0; j--) visit(node.edge(j), walk, order, leaves);
  }
  if (!sorted) order.sort((a, b) => b.sequence - a.sequence);
  for (let i = 0; i < leaves.length; i++) order.push(leaves[i]!);
  return order;
}

function visit(node: Node | null, walk: number, order: Node[], leaves: Node[]): void {
  if (node === null || node.mark === walk) return;
  node.mark = walk;
  if (node.leaf === null) order.push(node);
  else leaves.push(node);
}

/** The nodes from which one of `targets` can be reached. */
export function leadingTo(order: readonly Node[], targets: ReadonlySet<Node>): Set<Node> {
  const leading = new Set<Node>();
  for (let i = order.length - 1; i >= 0; i--) {
    const node = order[i]!;
    for (let j = 0; j < node.inputs; j++) {
      const next = node.edge(j);
      if (next !== null && (targets.has(next) || leading.has(next))) leading.add(node);
    }
  }
  for (const target of targets) if (!leading.has(target)) leading.add(target);
  return leading;
}
