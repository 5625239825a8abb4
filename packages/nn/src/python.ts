/**
 * A value as Python's `repr` writes it, so that modules print as torch's do: `True`, `None`, `'tanh'`, `(3, 3)`.
 *
 * JavaScript cannot tell 1 from 1.0: whole numbers print as integers. {@link pythonFloat} is for those that torch holds as floats.
 */
export function python(value: unknown): string {
  if (value === null || value === undefined) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "number") return Number.isInteger(value) ? String(value) : pythonFloat(value);
  if (typeof value === "string") return `'${value}'`;
  if (Array.isArray(value)) return value.length === 1 ? `(${python(value[0])},)` : `(${value.map(python).join(", ")})`;
  return String(value);
}

/** A number as Python prints a float: `1.0`, `0.1`, `1e-05`, `inf`. */
export function pythonFloat(value: number | null | undefined): string {
  if (value === null || value === undefined) return "None";
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  if (value === 0) return Object.is(value, -0) ? "-0.0" : "0.0";
  const [digits, power] = value.toExponential().split("e") as [string, string];
  const exponent = Number(power);
  if (exponent < -4 || exponent >= 16) {
    const sign = exponent < 0 ? "-" : "+";
    return `${digits}e${sign}${String(Math.abs(exponent)).padStart(2, "0")}`;
  }
  // between 1e-4 and 1e16 JavaScript writes the same digits as Python, without an exponent
  const text = String(value);
  return Number.isInteger(value) ? `${text}.0` : text;
}
