/** Numbers as WebAssembly writes them: LEB128 integers, little-endian floats, counted vectors. */

/** How many pieces are handed to the engine at a time: arguments of a call lie on its stack. */
const BATCH = 4096;

/** Pieces of code, one after the other. Spreading them into an array would do the same, byte by byte. */
export function joined(pieces: readonly (readonly number[])[]): number[] {
  let out: number[] = [];
  if (pieces.length <= BATCH) return out.concat(...pieces);
  for (let at = 0; at < pieces.length; at += BATCH) out = out.concat(...pieces.slice(at, at + BATCH));
  return out;
}

/** An unsigned integer. */
export function unsigned(value: number): number[] {
  let rest = value >>> 0;
  if (rest < 0x80) return [rest];
  const out: number[] = [];
  do {
    const low = rest & 0x7f;
    rest >>>= 7;
    out.push(rest === 0 ? low : low | 0x80);
  } while (rest !== 0);
  return out;
}

/** A signed 32-bit integer; values from 2^31 on, such as addresses, wrap. */
export function signed(value: number): number[] {
  const out: number[] = [];
  let rest = value | 0;
  for (;;) {
    const low = rest & 0x7f;
    rest >>= 7;
    const done = (rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0);
    out.push(done ? low : low | 0x80);
    if (done) return out;
  }
}

const word = new DataView(new ArrayBuffer(8));

function bytesOfWord(count: number): number[] {
  const out: number[] = [];
  for (let i = 0; i < count; i++) out.push(word.getUint8(i));
  return out;
}

/** The four bytes of a float32. */
export function float32(value: number): number[] {
  word.setFloat32(0, value, true);
  return bytesOfWord(4);
}

/** The eight bytes of a float64. */
export function float64(value: number): number[] {
  word.setFloat64(0, value, true);
  return bytesOfWord(8);
}

/** The four bytes of an int32. */
export function int32(value: number): number[] {
  word.setInt32(0, value | 0, true);
  return bytesOfWord(4);
}

/** A name: its length and its UTF-8 bytes, which for our names are ASCII. */
export function text(name: string): number[] {
  return [...unsigned(name.length), ...Array.from(name, (c) => c.charCodeAt(0))];
}

/** A vector: how many items, then the items. */
export function vector(items: readonly (readonly number[])[]): number[] {
  return joined([unsigned(items.length), ...items]);
}

/** A section: its number, its length in bytes, its content. */
export function section(id: number, content: readonly number[]): number[] {
  return joined([[id], unsigned(content.length), content]);
}
