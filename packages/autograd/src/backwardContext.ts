import { fail, NDArray, type Shape } from "@tapegrad/tensor";
import { context } from "./context.ts";
import type { Node } from "./node.ts";
import type { Meta } from "./op.ts";
import { Tensor } from "./tensor.ts";

const nothing: readonly never[] = [];
/** Stands where an auxiliary was taken away. */
const taken: NDArray = NDArray.zeros([0]);

const freed = (where: string): never =>
  fail(
    "graph_freed",
    where,
    "backward through the graph a second time, but its saved values have been freed",
    {},
    "pass { retainGraph: true } to the first backward() or grad()",
  );

/** What an op's backward sees: the gradient of its output, and the values it asked to be saved. */
export class BackwardContext<A = unknown> {
  readonly #node: Node;
  readonly #useful: ReadonlySet<Node> | null;
  readonly #last: boolean;
  /** The gradient of the output. */
  readonly grad: Tensor;

  /**
   * @param useful the nodes whose gradients matter; null for all
   * @param last   whether what the node has saved is freed afterwards
   */
  constructor(node: Node, grad: Tensor, useful: ReadonlySet<Node> | null, last: boolean) {
    this.#node = node;
    this.#useful = useful;
    this.#last = last;
    this.grad = grad;
  }

  /** Which inputs want a gradient. */
  get needs(): readonly boolean[] {
    const needs = new Array<boolean>(this.#node.inputs);
    for (let i = 0; i < needs.length; i++) needs[i] = this.wants(i);
    return needs;
  }

  /** Whether there is an input number `i`, and it wants a gradient. */
  wants(i: number): boolean {
    const edge = this.#node.edge(i);
    return edge !== null && (this.#useful === null || this.#useful.has(edge));
  }

  /** The op's attributes. */
  get attrs(): A {
    return this.#node.attrs as A;
  }

  /** Shape of the output. */
  get shape(): Shape {
    return this.#node.shape;
  }

  /** Shape and dtype of input number `i`, one that wants a gradient. */
  inputMeta(i: number): Meta {
    return this.#node.edge(i)!;
  }

  /** Input number `i`, as it was; an error if it has been overwritten or freed. */
  input(i: number): Tensor {
    return this.#unpack(this.#saves().indexOf(i), this.#node.edge(i));
  }

  /** The output, as it was. */
  get output(): Tensor {
    return this.#unpack(this.#saves().indexOf("output"), this.#node);
  }

  /** Auxiliary number `i`: an array without a gradient. */
  aux(i: number): Tensor {
    return this.#unpack(this.#saves().length + i, null);
  }

  /**
   * The array of auxiliary number `i`, for `fused` to write to and to return as a gradient; null where somebody may read it afterwards. Once it
   * is taken it cannot be asked for again.
   */
  takeAux(i: number): NDArray | null {
    if (!this.#last || context.recording || context.interpreter !== null) return null;
    const { array } = this.aux(i);
    if (array.storage.claimed) return null;
    this.#node.saved!.replace(array, () => taken);
    return array;
  }

  #saves(): readonly (number | "output")[] {
    return this.#node.spec!.saves ?? nothing;
  }

  #unpack(i: number, edge: Node | null): Tensor {
    const node = this.#node;
    const where = node.spec!.name;
    const saved = node.saved ?? freed(where);
    const array = i < 0 ? null : saved.get(i, where);
    if (array === null) return fail("invalid_argument", where, "backward asks for a value that the op does not save");
    // entries that are recorded now may save it, and an interpreter keep it
    if (context.recording || context.interpreter !== null) array.storage.claim();
    const tensor = new Tensor(array);
    if (context.recording && edge !== null) tensor.node = edge;
    return tensor;
  }
}
