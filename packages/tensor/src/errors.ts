/** What went wrong, as a closed set that programs can switch on. */
export type ErrorCode =
  | "shape_mismatch" // operands whose shapes do not fit together
  | "invalid_shape" // a shape that cannot be: negative sizes, ragged rows, wrong number of dimensions
  | "invalid_dim" // a dimension that the array does not have
  | "invalid_index" // an index outside its range
  | "invalid_dtype" // a dtype that the operation does not take
  | "invalid_option" // an option outside its domain, or unknown
  | "invalid_argument" // any other argument that does not fit
  | "not_scalar" // a single number was needed
  | "no_gradient" // a gradient was asked of something that has none
  | "graph_freed" // a second backward through a graph whose values are gone
  | "modified_in_place" // a value that backward needs was overwritten
  | "in_place" // an in-place change that is not allowed here
  | "not_finite" // NaN or infinity where anomaly detection forbids it
  | "gradcheck" // a gradient that finite differences contradict
  | "state_mismatch" // a state dict that does not fit
  | "file_format" // bytes that are not what they claim to be
  | "io" // the file system said no
  | "unsupported"; // not available here, or not at all

/** Named values that make an error checkable: shapes, dtypes, names, numbers. */
export type Facts = Readonly<Record<string, unknown>>;

/**
 * The one error of tapegrad: `where: problem`, the facts one a line, and a hint that says how to cure it.
 *
 * @see {@link fail}, the only place that throws it
 */
export class TensorError extends Error {
  override readonly name = "TensorError";
  /** The kind of problem. */
  readonly code: ErrorCode;
  /** The function, layer or file that noticed. */
  readonly where: string;
  /** What it saw. */
  readonly facts: Facts;
  /** What to do about it. */
  readonly hint: string | undefined;

  constructor(code: ErrorCode, where: string, problem: string, facts: Facts = {}, hint?: string, cause?: unknown) {
    super(compose(where, problem, facts, hint), cause === undefined ? undefined : { cause });
    this.code = code;
    this.where = where;
    this.facts = facts;
    this.hint = hint;
  }
}

/**
 * Throws a {@link TensorError}: the only throw in the project.
 *
 * @param code    the kind of problem
 * @param where   who noticed, as the user knows it: `crossEntropy`, `Linear`, `loadStateDict`
 * @param problem what is wrong, in a few words
 * @param facts   the values that show it, printed one a line
 * @param hint    the cure
 * @param cause   the error behind this one
 */
export function fail(
  code: ErrorCode,
  where: string,
  problem: string,
  facts: Facts = {},
  hint?: string,
  cause?: unknown,
): never {
  throw new TensorError(code, where, problem, facts, hint, cause);
}

function compose(where: string, problem: string, facts: Facts, hint: string | undefined): string {
  const entries = Object.entries(facts);
  const width = Math.max(0, ...entries.map(([name]) => name.length));
  const lines = [`${where}: ${problem}`];
  for (const [name, value] of entries) lines.push(`  ${name.padEnd(width)}  ${show(value)}`);
  if (hint !== undefined) lines.push(`  hint: ${hint}`);
  return lines.join("\n");
}

/** A fact as a reader wants it: `[2, 3]` for a shape, long lists cut, strings bare. */
function show(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "object" && value !== null && Symbol.iterator in value) {
    const items = [...(value as Iterable<unknown>)];
    const shown = items.slice(0, 12).map(show);
    return `[${shown.join(", ")}${items.length > 12 ? `, ... ${items.length - 12} more` : ""}]`;
  }
  return String(value);
}
