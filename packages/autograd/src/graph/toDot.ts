import type { Node } from "../node.ts";
import type { Tensor } from "../tensor.ts";

/** How {@link toDot} labels. */
export interface DotOptions {
  /** Names of leaves, such as a model's `namedParameters()`. */
  readonly names?: Iterable<readonly [string, Tensor]>;
  /** Direction of the drawing. @defaultValue "TB" */
  readonly direction?: "TB" | "BT" | "LR" | "RL";
}

/**
 * The tape behind a tensor in the DOT language of Graphviz: one box an op, one rounded box a leaf, arrows in the direction of
 * computation, labelled with shapes.
 */
export function toDot(output: Tensor, { names = [], direction = "TB" }: DotOptions = {}): string {
  const nameOf = new Map<Node, string>();
  for (const [name, leaf] of names) if (leaf.node !== null) nameOf.set(leaf.node, name);
  const ids = new Map<Node, string>();
  const lines = [
    "digraph tape {",
    `  rankdir=${direction};`,
    '  node [shape=box, fontname="Helvetica", fontsize=11, margin="0.12,0.06"];',
    '  edge [fontname="Helvetica", fontsize=9, arrowsize=0.6];',
  ];
  const queue: Node[] = [];
  const visit = (node: Node): string => {
    const known = ids.get(node);
    if (known !== undefined) return known;
    const id = `n${ids.size}`;
    ids.set(node, id);
    queue.push(node);
    return id;
  };
  if (output.node !== null) visit(output.node);
  for (let i = 0; i < queue.length; i++) {
    const node = queue[i]!;
    const id = ids.get(node)!;
    if (node.spec === null) {
      const label = `${nameOf.get(node) ?? "leaf"}\\n${list(node.shape)}`;
      lines.push(
        `  ${id} [label=${JSON.stringify(label).replaceAll("\\\\n", "\\n")}, style="rounded,filled", fillcolor="#dbeafe"];`,
      );
    } else {
      lines.push(`  ${id} [label=${JSON.stringify(node.spec.name)}, style=filled, fillcolor="#f3f4f6"];`);
    }
    for (const next of node.next) {
      if (next !== null) lines.push(`  ${visit(next)} -> ${id} [label=${JSON.stringify(` ${list(next.shape)}`)}];`);
    }
  }
  lines.push(`  result [label=${JSON.stringify(`result ${list(output.shape)}`)}, shape=plaintext];`);
  if (output.node !== null) lines.push(`  ${ids.get(output.node)!} -> result;`);
  lines.push("}");
  return lines.join("\n");
}

const list = (shape: readonly number[]): string => `[${shape.join(", ")}]`;
