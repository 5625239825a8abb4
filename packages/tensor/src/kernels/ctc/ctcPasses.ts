/**
 * The forward-backward algorithm of one sample in WebAssembly, in double precision, two labels at a time.
 *
 * States are held by pairs of labels: the blanks before two labels, then these labels, 32 bytes, so that what arrives at neighbours are
 * neighbours. A row of them, for one step, has a pair in front and one behind that hold zeros.
 */
import {
  type FunctionBuilder,
  f64,
  f64x2,
  i32,
  type Local,
  type ModuleBuilder,
  select,
  type Value,
  v128,
} from "../../wasm/encoder.ts";
import { LEAST_OVERLAP, LEAST_SUM } from "./limits.ts";

/** Bytes of a pair of labels in a row of states. */
export const PAIR = 32;
/**
 * Bytes of what does not change for a pair of labels: two masks that say whether one can follow its neighbour, the same for the next ones, and
 * where in a row of chances theirs are, in bytes.
 */
export const FACTS = 48;
const NEXT = 16;
const SLOTS = 32;

/** The second of `a` and the first of `b`. */
const between = (a: Local<"v128">, b: Local<"v128">): Value<"v128"> => v128.shuffle32(a, b, [2, 3, 4, 5]);
const bothSummed = (f: FunctionBuilder, a: Value<"v128">): Local<"f64"> => {
  const sum = f.let(a);
  return f.let(f64.add(f64x2.extract(sum, 0), f64x2.extract(sum, 1)));
};

/** Where the blank before a label is in a row of states; the label itself is 16 bytes behind. */
function placeOf(row: Local<"i32">, label: Local<"i32">): Value<"i32"> {
  return i32.add(i32.add(row, i32.mul(i32.shrS(label, 1), PAIR)), i32.shl(i32.and(label, 1), 3));
}

/** The chances of two labels. */
function chancesOf(f: FunctionBuilder, chances: Local<"i32">, facts: Local<"i32">): Value<"v128"> {
  const first = v128.load64Zero(f.let(i32.add(chances, i32.load(facts, SLOTS))));
  return v128.load64Lane(first, 1, f.let(i32.add(chances, i32.load(facts, SLOTS + 4))));
}

/** The first label of a pair from which the end can be reached after step `t`, or the one before it. */
function lowest(f: FunctionBuilder, t: Local<"i32">, steps: Local<"i32">, labels: Local<"i32">): Local<"i32"> {
  const first = f.let(i32.sub(labels, i32.sub(steps, t)));
  return f.let(i32.and(select(i32.gtS(first, 0), first, i32.const(0)), -2));
}

/** The first label of a pair behind those that can be reached by step `t`. */
function highest(f: FunctionBuilder, t: Local<"i32">, labels: Local<"i32">): Local<"i32"> {
  return f.let(i32.and(i32.add(select(i32.ltS(t, labels), t, labels), 2), -2));
}

const PASS = {
  steps: "i32",
  labels: "i32",
  facts: "i32",
  blank: "i32",
  chances: "i32",
  width: "i32",
  there: "i32",
  rowBytes: "i32",
} as const;

/**
 * `arrive(steps, labels, facts, blank, chances, width, there, rowBytes, sums)`: writes how likely it is to arrive at each state, over the sum of
 * the step before, and the sums, that of the last step over its two last states. Returns 0 where that might not be exact.
 *
 * @param blank where the blank's chance is in a row of chances, in bytes
 * @param there the first pair of the first row
 */
export function exportArrive(m: ModuleBuilder): void {
  m.export("arrive", { ...PASS, sums: "i32" }, (f, p) => {
    const { steps, labels, facts, blank, chances, width, there, rowBytes, sums } = p;
    const zero = f.hoist(f64x2.const(0));
    const scale = f.local("f64", 1);
    const [sum, more] = [f.local("v128", 0), f.local("v128", 0)];
    const total = f.local("f64", 0);
    // before the first step one is at the first blank, from where it and the first label can be reached
    const before = f.let(i32.sub(there, rowBytes));
    f.store(i32.sub(before, PAIR - 16), zero);
    for (const at of [0, 16]) f.store(before, zero, at);
    f.store(before, f64.const(1));
    f.range(0, steps, 1, (t) => {
      const low = lowest(f, t, steps, labels);
      const high = highest(f, t, labels);
      const from = f.let(i32.add(before, i32.shl(low, 4)));
      const to = f.let(i32.add(there, i32.shl(low, 4)));
      const fact = f.let(i32.add(facts, i32.mul(low, FACTS / 2)));
      const end = f.let(i32.add(there, i32.shl(high, 4)));
      const by = f.let(f64x2.splat(scale));
      const blanks = f.let(f64x2.mul(by, v128.load64Splat(i32.add(chances, blank))));
      const last = f.let(v128.load(i32.sub(from, PAIR - 16)));
      f.set(sum, zero);
      f.set(more, zero);
      f.store(i32.sub(to, PAIR), zero);
      f.store(i32.sub(to, PAIR - 16), zero);
      f.while(i32.ltU(to, end), () => {
        const [b, a] = [f.let(v128.load(from)), f.let(v128.load(from, 16))];
        const former = f.let(between(last, a));
        f.set(last, a);
        const blankHere = f.let(f64x2.mul(f64x2.add(b, former), blanks));
        const arriving = f.let(f64x2.add(f64x2.add(a, b), v128.and(former, v128.load(fact))));
        const here = f.let(f64x2.mul(arriving, f64x2.mul(chancesOf(f, chances, fact), by)));
        f.store(to, blankHere);
        f.store(to, here, 16);
        f.set(sum, f64x2.add(sum, blankHere));
        f.set(more, f64x2.add(more, here));
        f.step(from, PAIR);
        f.step(to, PAIR);
        f.step(fact, FACTS);
      });
      f.store(to, zero);
      f.store(to, zero, 16);
      f.set(total, bothSummed(f, f64x2.add(sum, more)));
      f.store(sums, total);
      f.if(i32.eqz(f64.ge(total, LEAST_SUM)), () => f.return(i32.const(0)));
      f.set(scale, f64.div(1, total));
      f.set(before, there);
      f.step(there, rowBytes);
      f.step(chances, width);
      f.step(sums, 8);
    });
    const lastLabel = f.let(i32.sub(labels, 1));
    f.set(total, f64.add(f64.load(placeOf(before, labels)), f64.load(placeOf(before, lastLabel), 16)));
    f.store(i32.sub(sums, 8), total);
    return f64.ge(total, LEAST_SUM);
  });
}

/**
 * `meet(steps, labels, facts, blank, chances, width, there, rowBytes, ahead, shares, factors)`: writes what arrives times what is to come to `shares`,
 * laid out like the chances, and what a step's shares are to be multiplied by. Returns 0 where that might not be exact.
 *
 * @param ahead the first pair of a row of states, in which to work
 */
export function exportMeet(m: ModuleBuilder): void {
  m.export("meet", { ...PASS, ahead: "i32", shares: "i32", factors: "i32" }, (f, p) => {
    const { steps, labels, facts, blank, chances, width, there, rowBytes, ahead, shares, factors } = p;
    const zero = f.hoist(f64x2.const(0));
    const scale = f.local("f64", 1);
    const [sum, more] = [f.local("v128", 0), f.local("v128", 0)];
    const [blankShares, labelShares] = [f.local("v128", 0), f.local("v128", 0)];
    const overlap = f.local("f64", 0);
    const total = f.local("f64", 0);
    const t = f.let(i32.sub(steps, 1));
    f.fill(shares, 0, i32.mul(steps, width));
    f.step(there, i32.mul(t, rowBytes));
    f.step(chances, i32.mul(t, width));
    f.step(shares, i32.mul(t, width));
    f.step(factors, i32.shl(t, 3));
    f.fill(ahead, 0, rowBytes);
    const one = f64.const(1);
    f.store(placeOf(ahead, labels), one);
    f.if(labels, () => f.store(placeOf(ahead, f.let(i32.sub(labels, 1))), one, 16));
    f.while(i32.geS(t, 0), () => {
      const low = lowest(f, f.let(i32.sub(t, 1)), steps, labels);
      const high = highest(f, t, labels);
      const at = f.let(i32.add(ahead, i32.shl(low, 4)));
      const row = f.let(i32.add(there, i32.shl(low, 4)));
      const fact = f.let(i32.add(facts, i32.mul(low, FACTS / 2)));
      const end = f.let(i32.add(ahead, i32.shl(high, 4)));
      for (const half of [0, 16]) f.store(end, zero, half);
      const by = f.let(f64x2.splat(scale));
      const blanks = f.let(f64x2.mul(by, v128.load64Splat(i32.add(chances, blank))));
      for (const v of [sum, more, blankShares, labelShares]) f.set(v, zero);
      // what is to come from the pair at hand, without its own chances and with them
      const [plainB, plainA] = [f.let(v128.load(at)), f.let(v128.load(at, 16))];
      const b = f.let(f64x2.mul(plainB, blanks));
      const a = f.let(f64x2.mul(plainA, f64x2.mul(chancesOf(f, chances, fact), by)));
      f.while(i32.ltU(at, end), () => {
        const shareB = f64x2.mul(v128.load(row), plainB);
        const shareA = f.let(f64x2.mul(v128.load(row, 16), plainA));
        f.set(blankShares, f64x2.add(blankShares, shareB));
        f.set(labelShares, f64x2.add(labelShares, shareA));
        for (const lane of [0, 1]) {
          const slot = f.let(i32.add(shares, i32.load(fact, SLOTS + 4 * lane)));
          f.store(slot, f64.add(f64.load(slot), f64x2.extract(shareA, lane)));
        }
        const following = f.let(v128.load(fact, NEXT));
        f.step(fact, FACTS);
        f.set(plainB, v128.load(at, PAIR));
        f.set(plainA, v128.load(at, PAIR + 16));
        const nextB = f.let(f64x2.mul(plainB, blanks));
        const nextA = f.let(f64x2.mul(plainA, f64x2.mul(chancesOf(f, chances, fact), by)));
        const onB = f.let(f64x2.add(b, a));
        const onA = f.let(f64x2.add(f64x2.add(a, between(b, nextB)), v128.and(between(a, nextA), following)));
        f.store(at, onB);
        f.store(at, onA, 16);
        f.set(sum, f64x2.add(sum, onB));
        f.set(more, f64x2.add(more, onA));
        f.set(b, nextB);
        f.set(a, nextA);
        f.step(at, PAIR);
        f.step(row, PAIR);
      });
      const ofBlank = bothSummed(f, blankShares);
      const slot = f.let(i32.add(shares, blank));
      f.store(slot, f64.add(f64.load(slot), ofBlank));
      f.set(overlap, f64.add(ofBlank, bothSummed(f, labelShares)));
      f.if(i32.eqz(f64.ge(overlap, LEAST_OVERLAP)), () => f.return(i32.const(0)));
      f.store(factors, f64.div(1, overlap));
      f.set(total, bothSummed(f, f64x2.add(sum, more)));
      f.if(i32.and(i32.gtS(t, 0), i32.eqz(f64.ge(total, LEAST_SUM))), () => f.return(i32.const(0)));
      f.set(scale, f64.div(1, total));
      f.step(there, i32.sub(0, rowBytes));
      f.step(chances, i32.sub(0, width));
      f.step(shares, i32.sub(0, width));
      f.step(factors, -8);
      f.step(t, -1);
    });
    return i32.const(1);
  });
}
