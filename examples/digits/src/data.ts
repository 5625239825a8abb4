import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { CsvError, parse } from "csv-parse/sync";
import { type Tensor, tensor } from "tapegrad";
import { refuse } from "./problem.ts";

/** Pixels along each side of an image. */
export const SIDE = 8;
const PIXELS = SIDE * SIDE;
/** The darkest a pixel can be. */
const INK = 16;
/** How many kinds of digits there are. */
export const CLASSES = 10;
/** Fewer lines than this cannot be split into something to learn from and something to test on. */
const LEAST = 10;

/** Images and what they show. */
export interface Digits {
  /** Ink from 0 to 1, [n, 1, 8, 8]. */
  readonly images: Tensor;
  /** The digits that were meant, int32, [n]. */
  readonly labels: Tensor;
}

/** The digits of a file. */
export interface DigitsFile {
  readonly train: Digits;
  readonly test: Digits;
  /** The same for the same numbers, however the file is written (SHA-256). */
  readonly digest: string;
}

/**
 * Reads digits from a CSV file without a header: 64 pixels and a label a line. The first 80 % are for training.
 *
 * @throws Problem that names the line and the column
 */
export function readDigits(path: string): DigitsFile {
  const rows = parseDigits(readText(path), path);
  const values = Uint8Array.from(rows.flat());
  const count = Math.floor(rows.length * 0.8);
  return {
    train: digits(rows.slice(0, count)),
    test: digits(rows.slice(count)),
    digest: createHash("sha256").update(values).digest("hex"),
  };
}

function digits(rows: readonly (readonly number[])[]): Digits {
  const pixels = Float32Array.from(
    rows.flatMap((row) => row.slice(0, PIXELS)),
    (value) => value / INK,
  );
  return {
    images: tensor(pixels).reshape([rows.length, 1, SIDE, SIDE]),
    labels: tensor(Int32Array.from(rows, (row) => row[PIXELS]!)),
  };
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    const reasons: Record<string, string> = {
      ENOENT: "there is no such file",
      EISDIR: "it is a folder",
      EACCES: "permission denied",
    };
    return refuse(
      "the data cannot be read",
      [
        ["file", path],
        ["reason", reasons[code] ?? code],
      ],
      "--data names a CSV file of digits",
    );
  }
}

/** The rows of a file, every value checked. */
function parseDigits(text: string, path: string): number[][] {
  const rows = readLines(text, path).map(({ record, info }) => {
    const at = (column?: number): string =>
      `${path}, line ${info.lines}${column === undefined ? "" : `, column ${column}`}`;
    if (record.length !== PIXELS + 1) {
      refuse(
        `${at()}: ${record.length} columns instead of ${PIXELS + 1}`,
        [],
        `a line holds ${PIXELS} pixels and a label, separated by commas`,
      );
    }
    return record.map((value, i) => {
      const label = i === PIXELS;
      const limit = label ? CLASSES - 1 : INK;
      const problem = complaint(value, limit);
      if (problem === null) return Number(value);
      const hint = info.lines === 1 && i === 0 ? "there must be no header line" : undefined;
      return refuse(
        `${at(i + 1)}: ${problem}`,
        [],
        hint ?? `a ${label ? "label" : "pixel"} is a whole number from 0 to ${limit}`,
      );
    });
  });
  if (rows.length === 0) refuse(`${path} is empty`, [], `it must hold at least ${LEAST} digits, one a line`);
  if (rows.length < LEAST)
    refuse(`${path} has too few rows: ${rows.length}`, [], `it must hold at least ${LEAST} digits, one a line`);
  return rows;
}

interface Line {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

const options = { bom: true, info: true, relax_column_count: true, skip_empty_lines: true, trim: true };

function readLines(text: string, path: string): Line[] {
  try {
    // the library's types know nothing of `info`
    return parse(text, options) as unknown as Line[];
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    return refuse(`${path} is not a CSV file`, [["reason", error.message]]);
  }
}

/** What is wrong with a value that should be a whole number from 0 to `limit`. */
function complaint(value: string, limit: number): string | null {
  const shown = JSON.stringify(value.length > 20 ? `${value.slice(0, 20)}...` : value);
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value)) return `${shown} is not a number`;
  const number = Number(value);
  if (number < 0 || number > limit) return `${shown} is outside 0..${limit}`;
  return Number.isInteger(number) ? null : `${shown} is not a whole number`;
}
