import type { Tensor } from "tapegrad";

/** An array as it goes through JSON without losing a bit: NaN, -0 and infinities included. */
export interface Packed {
  readonly dtype: Tensor["dtype"];
  readonly shape: readonly number[];
  /** The elements as they lie in memory, two hexadecimal digits a byte. */
  readonly bytes: string;
}

const arrays = { float32: Float32Array, float64: Float64Array, int32: Int32Array, bool: Uint8Array };

/** Packs the elements of a tensor. */
export function pack(tensor: Tensor): Packed {
  const { buffer, byteOffset, byteLength } = tensor.toArray();
  return { dtype: tensor.dtype, shape: tensor.shape, bytes: hex(new Uint8Array(buffer, byteOffset, byteLength)) };
}

/** Bytes as text. */
export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The elements of a packed array. */
export function unpack({ dtype, bytes }: Packed): number[] {
  const raw = Uint8Array.from(bytes.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  return Array.from(new arrays[dtype](raw.buffer));
}

/** How `found` departs from `expected`, bit for bit: nothing, or a few lines that a reader can use. */
export function differences(found: Packed, expected: Packed): string[] {
  const kinds = [found, expected].map(({ dtype, shape }) => `${dtype} [${shape.join(", ")}]`);
  if (kinds[0] !== kinds[1]) return [`${kinds[0]} instead of ${kinds[1]}`];
  if (found.bytes === expected.bytes) return [];
  const [a, b] = [unpack(found), unpack(expected)];
  const lines = a.map((x, i) => (Object.is(x, b[i]) ? "" : `[${i}] ${x} instead of ${b[i]}`)).filter(Boolean);
  return [`${lines.length} of ${a.length} differ`, ...lines.slice(0, 5)];
}
