import type { Facts } from "../errors.ts";
import { type Shape, sizeOf } from "../shape.ts";
import { type Complain, quote } from "./source.ts";

/** The first bytes of every .npy file. */
export const NPY_MAGIC = "\x93NUMPY";

/** Longest header that numpy reads. */
const MAX_HEADER_BYTES = 10_000;

/** What the header of a .npy file says. */
export interface NpyHeader {
  /** The element type, as numpy names it: `<f4`. */
  readonly descr: string;
  /** Whether the elements are column-major. */
  readonly fortranOrder: boolean;
  readonly shape: Shape;
  /** Where the elements begin in the file. */
  readonly start: number;
}

/** Reads and checks the header of a .npy file. */
export function readNpyHeader(bytes: Uint8Array, complain: Complain): NpyHeader {
  for (let i = 0; i < NPY_MAGIC.length; i++) {
    if (bytes[i] !== NPY_MAGIC.charCodeAt(i)) complain("not a .npy file", { offset: i }, "it begins with \\x93NUMPY");
  }
  const [major = 0, minor = 0] = bytes.subarray(6, 8);
  if (major < 1 || major > 3 || minor !== 0) {
    complain(
      "a version that cannot be read",
      { version: `${major}.${minor}`, offset: 6 },
      "1.0, 2.0 and 3.0 are known",
    );
  }
  const textStart = major === 1 ? 10 : 12;
  if (bytes.length < textStart)
    complain("the file ends in its header", { bytes: bytes.length }, "the file was cut off");
  const view = new DataView(bytes.buffer, bytes.byteOffset, textStart);
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const start = textStart + length;
  if (length > MAX_HEADER_BYTES)
    complain("the header is too long", { offset: 8, header: length, limit: MAX_HEADER_BYTES });
  if (start > bytes.length) {
    complain("the file ends in its header", { offset: 8, needed: start, bytes: bytes.length }, "the file was cut off");
  }
  // Latin-1 in versions 1 and 2, UTF-8 in version 3: the same for everything that is understood here
  const text = String.fromCharCode(...bytes.subarray(textStart, start));
  return { ...parseDictionary(text, textStart, complain), start };
}

const TOKEN = /[ \t\r\n]*(?:('[^'\\]*'|"[^"\\]*")|(True|False)|(0|[1-9][0-9]*)L?|([{}(),:]))/y;

/** Reads the Python dictionary that a header is: its entries are `descr`, `fortran_order` and `shape`, each once. */
function parseDictionary(text: string, textStart: number, complain: Complain): Omit<NpyHeader, "start"> {
  let at = 0;
  const wrong = (problem: string, facts: Facts = {}): never =>
    complain(
      `header: ${problem}`,
      { ...facts, offset: textStart + at },
      "it is a Python dictionary, as numpy writes it",
    );

  /** The next token if it is of the wanted kind, and moves on. */
  const take = (kind: 1 | 2 | 3 | 4, symbol?: string): string | null => {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    const token = match?.[kind];
    if (match === null || token === undefined || (symbol !== undefined && token !== symbol)) return null;
    at += match[0].length;
    return token;
  };
  const need = (symbol: string): string => take(4, symbol) ?? wrong(`expected ${symbol}`);
  const takeString = (): string | null => take(1)?.slice(1, -1) ?? null;

  const readShape = (): Shape => {
    const shape: number[] = [];
    need("(");
    while (take(4, ")") === null) {
      shape.push(Number(take(3) ?? wrong("expected a size"))); // Python 2 wrote sizes as 3L
      if (take(4, ",") !== null) continue;
      if (shape.length === 1) wrong("expected a comma"); // (3) is a number in Python, (3,) is a tuple
      need(")");
      break;
    }
    const fits = Number.isSafeInteger(sizeOf(shape) * 8) && shape.every(Number.isSafeInteger);
    return fits ? shape : wrong("the shape is too large", { shape });
  };

  let descr: string | undefined;
  let fortranOrder: boolean | undefined;
  let shape: Shape | undefined;
  need("{");
  while (take(4, "}") === null) {
    const key = takeString() ?? wrong("expected a key");
    need(":");
    if (key === "descr" && descr === undefined) descr = takeString() ?? wrong("descr must be one element type");
    else if (key === "fortran_order" && fortranOrder === undefined) {
      fortranOrder = (take(2) ?? wrong("fortran_order must be True or False")) === "True";
    } else if (key === "shape" && shape === undefined) shape = readShape();
    else wrong("an entry that is unknown or appears twice", { key: quote(key) });
    if (take(4, ",") === null) {
      need("}");
      break;
    }
  }
  if (/[^ \t\r\n]/.test(text.slice(at))) wrong("text after the dictionary");
  if (descr === undefined || fortranOrder === undefined || shape === undefined) {
    return wrong("descr, fortran_order and shape are needed");
  }
  return { descr, fortranOrder, shape };
}
