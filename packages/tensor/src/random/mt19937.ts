const LENGTH = 624;
const MIDDLE = 397;
const MATRIX = 0x9908b0df | 0;

/** Words of state in an {@link MT19937}. */
export const STATE_LENGTH: number = LENGTH;

/**
 * The Mersenne Twister MT19937, with the state laid out as torch keeps it.
 *
 * Source: Matsumoto and Nishimura (1998), Mersenne Twister; at::mt19937.
 */
export class MT19937 {
  /** The 624 words, as signed integers: V8 keeps those in registers. */
  readonly words: Int32Array = new Int32Array(LENGTH);
  /** Draws until the words are renewed, plus one. */
  left = 1;
  /** The word that is drawn next. */
  next = 0;
  /** The seed, 64 bits, unsigned; null until there is one. Only its low 32 bits decide the stream. */
  seed: bigint | null = null;
  readonly #entropy: () => bigint;

  /** @param entropy gives the seed where numbers are drawn before one was set */
  constructor(entropy: () => bigint) {
    this.#entropy = entropy;
  }

  /** Starts the stream of a seed. */
  init(seed: bigint): void {
    const { words } = this;
    this.seed = seed;
    this.left = 1;
    this.next = 0;
    let word = Number(seed & 0xffffffffn) | 0;
    words[0] = word;
    for (let j = 1; j < LENGTH; j++) {
      word = (Math.imul(1812433253, word ^ (word >>> 30)) + j) | 0;
      words[j] = word;
    }
  }

  /** The seed, drawn now if there was none. */
  ensureSeed(): bigint {
    if (this.seed === null) this.init(this.#entropy());
    return this.seed!;
  }

  /** 32 random bits as a signed integer: the cheapest draw. */
  i32(): number {
    if (--this.left === 0) this.#renew();
    return temper(this.words[this.next++]!);
  }

  /** A whole number in [0, 2³²). One draw. */
  u32(): number {
    return this.i32() >>> 0;
  }

  /** A whole number in [0, 2⁶⁴). Two draws, the high word first. */
  u64(): bigint {
    const high = BigInt(this.u32());
    return (high << 32n) | BigInt(this.u32());
  }

  /** A float32 in [0, 1), a multiple of 2⁻²⁴. One draw. */
  uniform24(): number {
    return (this.i32() & 0xffffff) * 2 ** -24;
  }

  /** A float64 in [0, 1), a multiple of 2⁻⁵³. Two draws. */
  uniform53(): number {
    const high = this.i32() & 0x1fffff;
    return (high * 2 ** 32 + this.u32()) * 2 ** -53;
  }

  /** Writes {@link uniform24} draws to x[start] ... x[end - 1]. */
  fillUniform24(x: Float32Array, start: number, end: number): void {
    const { words } = this;
    for (let i = start; i < end; ) {
      // up to the last word in one go, without keeping count
      x[i++] = this.uniform24();
      const stop = Math.min(end, i + this.left - 1);
      let at = this.next;
      this.left -= stop - i;
      this.next += stop - i;
      for (; i < stop; i++) x[i] = (temper(words[at++]!) & 0xffffff) * 2 ** -24;
    }
  }

  /** Writes {@link uniform53} draws to x[start] ... x[end - 1]. */
  fillUniform53(x: Float64Array, start: number, end: number): void {
    const { words } = this;
    for (let i = start; i < end; ) {
      x[i++] = this.uniform53();
      const stop = Math.min(end, i + ((this.left - 1) >> 1));
      let at = this.next;
      this.left -= 2 * (stop - i);
      this.next += 2 * (stop - i);
      for (; i < stop; i++, at += 2) {
        const high = temper(words[at]!) & 0x1fffff;
        x[i] = (high * 2 ** 32 + (temper(words[at + 1]!) >>> 0)) * 2 ** -53;
      }
    }
  }

  #renew(): void {
    this.ensureSeed();
    const { words } = this;
    let current = words[0]!;
    for (let i = 0; i < LENGTH - MIDDLE; i++) {
      const following = words[i + 1]!;
      words[i] = words[i + MIDDLE]! ^ twist(current, following);
      current = following;
    }
    for (let i = LENGTH - MIDDLE; i < LENGTH - 1; i++) {
      const following = words[i + 1]!;
      words[i] = words[i + MIDDLE - LENGTH]! ^ twist(current, following);
      current = following;
    }
    words[LENGTH - 1] = words[MIDDLE - 1]! ^ twist(current, words[0]!);
    this.left = LENGTH;
    this.next = 0;
  }
}

function temper(word: number): number {
  let y = word;
  y ^= y >>> 11;
  y ^= (y << 7) & 0x9d2c5680;
  y ^= (y << 15) & 0xefc60000;
  return y ^ (y >>> 18);
}

function twist(u: number, v: number): number {
  return (((u & 0x80000000) | (v & 0x7fffffff)) >>> 1) ^ (-(v & 1) & MATRIX);
}
