import { fail } from "../errors.ts";
import { MT19937, STATE_LENGTH } from "./mt19937.ts";

/** A seed: a whole number in [-2⁶³, 2⁶⁴). Negative ones stand for 2⁶⁴ + seed; those beyond 2⁵³ are bigints. */
export type Seed = number | bigint;

/**
 * Where dropout and `bernoulli_(p)` with one number `p` take their numbers from: the generator itself, or, as older
 * torch wheels built with MKL do on Intel processors, an MKL stream (MCG31m1) that the generator only seeds.
 */
export type BernoulliStream = "mt19937" | "mkl";

/** Options of a {@link Generator}. */
export interface GeneratorOptions {
  /** Which torch the masks of dropout repeat. @defaultValue "mt19937" */
  readonly bernoulli?: BernoulliStream;
}

const DEFAULT_SEED = 67280421310721n;
const WORD = 1n << 64n;
/** Bytes of a generator's state, as torch lays it out. */
export const STATE_BYTES = 5056;
// byte offsets of the fields
const LEFT = 8;
const SEEDED = 12;
const NEXT = 16;
const WORDS = 24;
const NORMAL = 5024;
const NORMAL_VALID = 5040;
const FLOAT_NORMAL = 5048;
const FLOAT_NORMAL_VALID = 5052;

/**
 * A stream of random numbers: bit for bit that of torch's CPU generator, as its x86 builds with AVX2 or AVX-512 draw from it.
 * (Builds for other processors round the last bits of `randn` and `uniform_` otherwise.)
 *
 * @see torch.Generator
 */
export class Generator {
  /** The source of all draws. */
  readonly engine: MT19937;
  /** The second number of the last Box-Muller pair, not yet handed out. */
  nextNormal: number | null = null;
  /** Where `bernoulli_(p)` takes its numbers from. */
  bernoulli: BernoulliStream;
  // torch keeps a float32 twin of nextNormal; nothing here draws it, but a state that goes in comes out whole
  #nextFloatNormal: number | null = null;

  /**
   * Starts with torch's default seed, 67280421310721.
   *
   * @param firstSeed asked for the seed at the first draw, if none was set before
   * @internal
   */
  constructor({ bernoulli = "mt19937" }: GeneratorOptions = {}, firstSeed: () => bigint = () => DEFAULT_SEED) {
    this.bernoulli = bernoulli;
    this.engine = new MT19937(firstSeed);
  }

  /**
   * A generator whose seed is drawn from the system at its first use.
   *
   * Nothing is drawn before, because some hosts forbid it while modules load.
   */
  static unseeded(): Generator {
    return new Generator({}, entropy);
  }

  /**
   * Starts the stream of `seed` over. Only its low 32 bits decide the stream, as in torch.
   *
   * @throws TensorError `invalid_argument` for anything but a whole number in [-2⁶³, 2⁶⁴)
   */
  manualSeed(seed: Seed): this {
    this.#start(checkSeed(seed));
    return this;
  }

  /** The seed that the stream started from; a bigint beyond 2⁵³. */
  initialSeed(): Seed {
    return plain(this.engine.ensureSeed());
  }

  /** Starts over from a seed of the system's own, and returns it. */
  seed(): Seed {
    this.#start(entropy());
    return this.initialSeed();
  }

  /** The state in torch's own form, 5056 bytes: what `torch.Generator.get_state()` returns. */
  getState(): Uint8Array {
    const { engine } = this;
    const bytes = new Uint8Array(STATE_BYTES);
    const view = new DataView(bytes.buffer);
    view.setBigUint64(0, engine.ensureSeed(), true);
    view.setInt32(LEFT, engine.left, true);
    view.setInt32(SEEDED, 1, true);
    view.setUint32(NEXT, engine.next, true);
    for (let i = 0; i < STATE_LENGTH; i++) view.setInt32(WORDS + 8 * i, engine.words[i]!, true);
    view.setFloat64(NORMAL, this.nextNormal ?? 0, true);
    view.setInt32(NORMAL_VALID, this.nextNormal === null ? 0 : 1, true);
    view.setFloat32(FLOAT_NORMAL, this.#nextFloatNormal ?? 0, true);
    view.setUint8(FLOAT_NORMAL_VALID, this.#nextFloatNormal === null ? 0 : 1);
    return bytes;
  }

  /**
   * Goes on from a state that {@link getState} or torch's `get_state()` gave.
   *
   * @throws TensorError `state_mismatch`, and the generator stays as it was
   */
  setState(bytes: Uint8Array): this {
    if (!(bytes instanceof Uint8Array) || bytes.length !== STATE_BYTES) {
      const bytesGiven = bytes instanceof Uint8Array ? bytes.length : typeof bytes;
      fail("state_mismatch", "setState", "a generator's state has another size", {
        bytesGiven,
        bytesNeeded: STATE_BYTES,
      });
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, STATE_BYTES);
    const seeded = view.getInt32(SEEDED, true);
    const left = view.getInt32(LEFT, true);
    const next = view.getUint32(NEXT, true);
    if (seeded === 0 || left < 1 || left > STATE_LENGTH || next + left - 1 > STATE_LENGTH) {
      fail("state_mismatch", "setState", "the bytes are no mt19937 state", { seeded, left, next });
    }
    const { engine } = this;
    engine.seed = view.getBigUint64(0, true);
    engine.left = left;
    engine.next = next;
    for (let i = 0; i < STATE_LENGTH; i++) engine.words[i] = view.getInt32(WORDS + 8 * i, true);
    this.nextNormal = view.getInt32(NORMAL_VALID, true) === 0 ? null : view.getFloat64(NORMAL, true);
    this.#nextFloatNormal = view.getUint8(FLOAT_NORMAL_VALID) === 0 ? null : view.getFloat32(FLOAT_NORMAL, true);
    return this;
  }

  /** A second generator that goes on from the same state. */
  clone(): Generator {
    return new Generator({ bernoulli: this.bernoulli }).setState(this.getState());
  }

  #start(seed: bigint): void {
    this.engine.init(seed);
    this.nextNormal = null;
    this.#nextFloatNormal = null;
  }
}

/** The generator of everything that is not given another; it seeds itself from the system until {@link manualSeed}. */
export const defaultGenerator: Generator = /* @__PURE__ */ Generator.unseeded();

/**
 * Seeds the default generator, and returns it.
 *
 * @throws TensorError `invalid_argument` for anything but a whole number in [-2⁶³, 2⁶⁴)
 * @see torch.manual_seed
 */
export function manualSeed(seed: Seed): Generator {
  return defaultGenerator.manualSeed(seed);
}

function entropy(): bigint {
  return globalThis.crypto.getRandomValues(new BigUint64Array(1))[0]!;
}

function plain(seed: bigint): Seed {
  return seed <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(seed) : seed;
}

function checkSeed(seed: Seed): bigint {
  if (typeof seed === "bigint" ? seed < -(WORD >> 1n) || seed >= WORD : !Number.isSafeInteger(seed)) {
    const hint = typeof seed === "number" ? "seeds beyond 2^53 are written as bigints: 123n" : undefined;
    fail("invalid_argument", "manualSeed", "a seed is a whole number from -2^63 to 2^64 - 1", { seed }, hint);
  }
  return BigInt.asUintN(64, BigInt(seed));
}
