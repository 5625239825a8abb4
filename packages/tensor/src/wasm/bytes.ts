/** Numbers as WebAssembly writes them: LEB128 integers, little-endian floats, counted vectors. */

/** An unsigned integer. */
export function unsigned(value: number): number[] {
  const out: number[] = [];
  let rest = value >>> 0;
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

/** The four bytes of a float32. */
export function float32(value: number): number[] {
  word.setFloat32(0, value, true);
  return [0, 1, 2, 3].map((i) => word.getUint8(i));
}

/** The eight bytes of a float64. */
export function float64(value: number): number[] {
  word.setFloat64(0, value, true);
  return [0, 1, 2, 3, 4, 5, 6, 7].map((i) => word.getUint8(i));
}

/** The four bytes of an int32. */
export function int32(value: number): number[] {
  word.setInt32(0, value | 0, true);
  return [0, 1, 2, 3].map((i) => word.getUint8(i));
}

/** A name: its length and its UTF-8 bytes, which for our names are ASCII. */
export function text(name: string): number[] {
  return [...unsigned(name.length), ...Array.from(name, (c) => c.charCodeAt(0))];
}

/** A vector: how many items, then the items. */
export function vector(items: readonly (readonly number[])[]): number[] {
  return [...unsigned(items.length), ...items.flat()];
}

/** A section: its number, its length in bytes, its content. */
export function section(id: number, content: readonly number[]): number[] {
  return [id, ...unsigned(content.length), ...content];
}
