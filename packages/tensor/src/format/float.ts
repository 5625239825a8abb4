const bits: DataView = new DataView(new ArrayBuffer(8));

/**
 * Rounds x·10^power to a whole number, halves to even, on the exact binary value of x.
 *
 * JavaScript's `toFixed` rounds halves up (`0.03125.toFixed(4)` is 0.0313); Python, and so torch, prints 0.0312.
 *
 * @param x finite and not negative
 */
function roundScaled(x: number, power: number): bigint {
  bits.setFloat64(0, x);
  const head = bits.getUint32(0);
  const biased = head >>> 20;
  // x = significand · 2^exponent; subnormal numbers have no leading one
  const fraction = (head & 0xfffff) * 0x100000000 + bits.getUint32(4);
  const significand = BigInt(biased === 0 ? fraction : fraction + 0x10000000000000);
  const exponent = Math.max(biased, 1) - 1075;
  let numerator = power > 0 ? significand * 10n ** BigInt(power) : significand;
  let denominator = power < 0 ? 10n ** BigInt(-power) : 1n;
  if (exponent > 0) numerator <<= BigInt(exponent);
  else denominator <<= BigInt(-exponent);
  const quotient = numerator / denominator;
  const twice = 2n * (numerator - quotient * denominator);
  const up = twice > denominator || (twice === denominator && (quotient & 1n) === 1n);
  return up ? quotient + 1n : quotient;
}

/** "nan", "inf" and "-inf" as Python writes them, null for a finite number. */
function formatNonFinite(x: number): string | null {
  if (Number.isNaN(x)) return "nan";
  if (Number.isFinite(x)) return null;
  return x < 0 ? "-inf" : "inf";
}

/** The sign of a number, that of -0 included. */
function signOf(x: number): "" | "-" {
  return x < 0 || Object.is(x, -0) ? "-" : "";
}

/** `.` put in before the last `decimals` digits. */
function point(digits: string, decimals: number): string {
  if (decimals === 0) return digits;
  const whole = digits.length - decimals;
  return `${digits.slice(0, whole)}.${digits.slice(whole)}`;
}

/** An exponent with its sign and at least two digits. */
function formatPower(power: number): string {
  return `e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
}

/**
 * A number with a fixed count of decimals, as Python's `"%.{precision}f"`: exact, halves to even, -0 kept.
 *
 * @param precision decimals; a whole number of at least 0
 */
export function formatFixed(x: number, precision: number): string {
  const special = formatNonFinite(x);
  if (special !== null) return special;
  const digits = roundScaled(Math.abs(x), precision).toString();
  return signOf(x) + point(digits.padStart(precision + 1, "0"), precision);
}

/**
 * A number in scientific notation, as Python's `"%.{precision}e"`: exact, halves to even, exponents of at least two digits.
 *
 * @param precision decimals of the significand; a whole number of at least 0
 */
export function formatExponent(x: number, precision: number): string {
  const special = formatNonFinite(x);
  if (special !== null) return special;
  if (x === 0) return signOf(x) + point("0".repeat(precision + 1), precision) + formatPower(0);
  const [shortest, exponent] = Math.abs(x).toExponential().split("e");
  // the shortest digits may have been rounded up to a power of ten (1e23 is really 9.99..e22)
  let power = Number(exponent) - (shortest === "1" ? 1 : 0);
  let digits = roundScaled(Math.abs(x), precision - power).toString();
  if (digits.length > precision + 1) digits = roundScaled(Math.abs(x), precision - ++power).toString();
  return signOf(x) + point(digits, precision) + formatPower(power);
}

/**
 * A float as Python's `repr` prints it, which is how it prints `loss.item()`: the fewest digits that read back as the same
 * double, always with a decimal point or an exponent (`1.0`, `1e-05`, `1e+16`).
 */
export function formatFloat(x: number): string {
  const special = formatNonFinite(x);
  if (special !== null) return special;
  const [significand = "", exponent] = Math.abs(x).toExponential().split("e");
  const power = Number(exponent);
  if (power < -4 || power >= 16) return signOf(x) + significand + formatPower(power);
  const digits = significand.replace(".", "");
  const padded = power < 0 ? "0".repeat(-power) + digits : digits.padEnd(power + 2, "0");
  return signOf(x) + point(padded, padded.length - Math.max(power, 0) - 1);
}
