/** Computes an expression of elementwise kernels in one pass. */
import { copyRun } from "../../copyRun.ts";
import { bytesOf, type DType } from "../../dtype.ts";
import { NDArray } from "../../ndarray.ts";
import type { VisitBlock } from "../../pending.ts";
import { type Place as Home, takePlace } from "../../place.ts";
import { Storage } from "../../storage.ts";
import { i32, type Local, type ModuleBuilder, type ValueType, v128 } from "../../wasm/encoder.ts";
import { Block } from "../../wasm/heap.ts";
import { type Lane, Lanes } from "../../wasm/lanes.ts";
import { type Entry, lazyModule } from "../../wasm/launch.ts";
import { kernelMemory, mark, release, reserve, views } from "../../wasm/scratch.ts";
import { asLeaf, Deferred, type Leaf, nextWalk, type Source } from "./expression.ts";
import { loadLane } from "./laneLoops.ts";
import type { LaneKernel } from "./stream.ts";

/** Elements of a block: what several arrays of this size hold stays in the second-level cache. */
const BLOCK = 4096;
/** So often an expression of one kind is computed link by link before it gets a kernel of its own, which takes time to compile. */
const WORTH_COMPILING = 2;
/** Elements, of all its links together, from which on that takes longer than to compile it at once. */
const MANY_ELEMENTS = 2 ** 21;
/** Kinds of expressions that are remembered. */
const MOST_KINDS = 512;

/** Computes the elements of a result in a place of their own. */
export function compute(result: Deferred): Home {
  const expression = flatten(result);
  if (expression.nodes.length > 1) {
    const kind = kindOf(expression);
    if (isWorthCompiling(kind, expression, result)) return runFused(kind.code, expression, result);
    kind.seen++;
  }
  return runAlone(result);
}

/** By one kernel: what it reads is computed first. */
function runAlone({ kernel, sources, size, dtype, use }: Deferred): Home {
  const place = takePlace(dtype, size, use);
  const out = rowOf(place, size, 0, dtype);
  const operands: NDArray[] = [];
  for (let i = 0; i < kernel.spec.inputs.length; i++) operands.push(operandOf(sources[i]!, size));
  const [first = 0, second = 0] = sources.slice(operands.length) as number[];
  kernel.run(out, operands[0]!, operands[1], operands[2], first, second);
  return place;
}

function operandOf(source: Source, size: number): NDArray {
  if (typeof source === "number") return NDArray.of([source]);
  const { place, offset, dtype } = source instanceof Deferred ? asLeaf(source) : source;
  return rowOf(place, size, offset, dtype);
}

function rowOf(place: Home, size: number, offset: number, dtype: DType): NDArray {
  const storage = place instanceof Block ? Storage.in(place) : new Storage(place);
  return new NDArray(storage, [size], [1], offset, dtype);
}

/** An expression as a list, in which every kernel stands behind what it reads. */
interface Expression {
  readonly nodes: readonly Node[];
  readonly leaves: readonly Leaf[];
  readonly numbers: readonly number[];
}

interface Node {
  readonly kernel: LaneKernel;
  /** Where what it reads is: a node, a leaf or a number of the expression. */
  readonly sources: readonly Place[];
}

interface Place {
  readonly of: "node" | "leaf" | "number";
  readonly index: number;
}

function flatten(result: Deferred): Expression {
  const walk = nextWalk();
  const nodes: Node[] = [];
  const leaves: Leaf[] = [];
  const numbers: number[] = [];
  const leafAt = (leaf: Leaf): Place => {
    const found = leaves.findIndex(({ place, offset }) => place === leaf.place && offset === leaf.offset);
    return { of: "leaf", index: found >= 0 ? found : leaves.push(leaf) - 1 };
  };
  const placeOf = (source: Source): Place => {
    if (typeof source === "number") return { of: "number", index: numbers.push(source) - 1 };
    if (!(source instanceof Deferred)) return leafAt(source);
    if (source.place !== null) return leafAt(asLeaf(source));
    if (source.mark !== walk) {
      const sources = source.sources.map(placeOf);
      source.mark = walk;
      source.index = nodes.push({ kernel: source.kernel, sources }) - 1;
    }
    return { of: "node", index: source.index };
  };
  placeOf(result);
  return { nodes, leaves, numbers };
}

/** Expressions that differ in arrays and numbers only. */
interface Kind {
  seen: number;
  readonly code: () => Readonly<Record<"run", Entry>>;
}

function isWorthCompiling({ seen }: Kind, { nodes }: Expression, { size }: Deferred): boolean {
  return seen >= WORTH_COMPILING || nodes.length * size >= MANY_ELEMENTS;
}

const kinds: Map<string, Kind> = new Map();
const kernelNumbers: WeakMap<LaneKernel, number> = new WeakMap();
let kernelCount = 0;

function kindOf(expression: Expression): Kind {
  const { nodes, leaves } = expression;
  let key = leaves.map(({ dtype }) => dtype).join();
  for (const { kernel, sources } of nodes) {
    let number = kernelNumbers.get(kernel);
    if (number === undefined) {
      number = kernelCount++;
      kernelNumbers.set(kernel, number);
    }
    key += `;${number}`;
    for (const { of, index } of sources) key += `,${of}${index}`;
  }
  let kind = kinds.get(key);
  if (kind === undefined) {
    if (kinds.size >= MOST_KINDS) kinds.delete(kinds.keys().next().value!);
    const links = nodes.map(({ kernel, sources }) => ({ kernel, sources }));
    const dtypes = leaves.map(({ dtype }) => dtype);
    kind = { seen: 0, code: lazyModule<"run">("fused", (m) => exportFused(m, links, dtypes)) };
    kinds.set(key, kind);
  }
  return kind;
}

/** Exports the loop over `columns` elements, which reads and writes up to 28 bytes past their end. Numbers lie one after the other. */
function exportFused(m: ModuleBuilder, nodes: readonly Node[], leaves: readonly DType[]): void {
  const params: Record<string, ValueType> = { columns: "i32", out: "i32", numbers: "i32" };
  for (let i = 0; i < leaves.length; i++) params[`leaf${i}`] = "i32";
  const unroll = nodes.length > 8 ? 1 : 2;
  m.export("run", params, (f, given) => {
    const p = given as Readonly<Record<string, Local<"i32">>>;
    const l = new Lanes(f);
    const root = nodes.at(-1)!.kernel.spec;
    const bytes = root.output === "bool" ? 4 : 16;
    const o = f.let(p.out!);
    const end = f.let(i32.add(o, root.output === "bool" ? p.columns! : i32.shl(p.columns!, 2)));
    const numbers: Lane[] = [];
    const numberAt = (i: number): Lane => (numbers[i] ??= f.hoist(v128.load32Splat(p.numbers!, 4 * i)));
    f.while(i32.ltU(o, end), () => {
      for (let turn = 0; turn < unroll; turn++) {
        const loaded = leaves.map((dtype, i) => loadLane(f, dtype, p[`leaf${i}`]!, turn * (dtype === "bool" ? 4 : 16)));
        const done: Lane[] = [];
        for (const { kernel, sources } of nodes) {
          const lanes = sources.map(({ of, index }) =>
            of === "node" ? done[index]! : of === "leaf" ? loaded[index]! : numberAt(index),
          );
          done.push(kernel.spec.lanes(l, ...lanes));
        }
        const result = done.at(-1)!;
        if (bytes === 4) f.storeLane32(o, v128.maskToBytes(result), 0, 4 * turn);
        else f.store(o, result, 16 * turn);
      }
      f.step(o, bytes * unroll);
      for (let i = 0; i < leaves.length; i++) f.step(p[`leaf${i}`]!, (leaves[i] === "bool" ? 4 : 16) * unroll);
    });
  });
}

/** Runs the loop over an expression block by block: `outAt` says where elements from a number on go, `done` is called after each block. */
function runBlocks(
  code: Kind["code"],
  { leaves, numbers }: Expression,
  size: number,
  outAt: (at: number) => number,
  done: (at: number, count: number) => void,
): void {
  const block = Math.min(size, BLOCK);
  const n = reserve(4 * numbers.length);
  const pointers = leaves.map(({ place }) => (place instanceof Block ? 0 : reserve(4 * block)));
  const { run } = code();
  for (let i = 0; i < numbers.length; i++) views().float32[n / 4 + i] = numbers[i]!;
  for (let at = 0; at < size; at += block) {
    const count = Math.min(block, size - at);
    for (let i = 0; i < leaves.length; i++) {
      const { place, dtype, offset } = leaves[i]!;
      const bytes = bytesOf[dtype];
      if (place instanceof Block) pointers[i] = place.pointer + bytes * (offset + at);
      else copyRun(views()[dtype], pointers[i]! / bytes, place, offset + at, count);
    }
    run(count, outAt(at), n, ...pointers);
    done(at, count);
  }
}

function runFused(code: Kind["code"], expression: Expression, { size, dtype, use }: Deferred): Home {
  const out = takePlace(dtype, size, use);
  const bytes = bytesOf[dtype];
  const start = mark();
  kernelMemory();
  if (out instanceof Block) {
    runBlocks(code, expression, size, (at) => out.pointer + bytes * at, nothing);
  } else {
    const aside = reserve(bytes * Math.min(size, BLOCK));
    const copyOut = (at: number, count: number): void => copyRun(out, at, views()[dtype], aside / bytes, count);
    runBlocks(code, expression, size, () => aside, copyOut);
  }
  release(start);
  return out;
}

const nothing = (): void => {};

/** How to compute the elements of a result in blocks without keeping them; null where its kind has no kernel of its own yet. */
export function inBlocks(result: Deferred): ((visit: VisitBlock) => void) | null {
  const expression = flatten(result);
  const kind = kindOf(expression);
  if (!isWorthCompiling(kind, expression, result)) {
    if (expression.nodes.length === 1) kind.seen++; // others are counted where they are computed
    return null;
  }
  const { size, dtype } = result;
  return (visit) => {
    const start = mark();
    const aside = reserve(bytesOf[dtype] * Math.min(size, BLOCK));
    runBlocks(
      kind.code,
      expression,
      size,
      () => aside,
      (_, count) => visit(aside, count),
    );
    release(start);
  };
}
