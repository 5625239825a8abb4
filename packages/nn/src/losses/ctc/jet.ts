/**
 * Derivatives along k directions at once: a jet is a value with the coefficients of the products of ε₁ ... εₖ, numbers whose squares
 * vanish. The coefficient of a product stands at the number whose bits say which of them it contains, so that the last one, that of all of
 * them, is the mixed derivative. What stands at 0 is not the value, which is held elsewhere: nothing in an exponent, 1 in a power.
 */

/**
 * The coefficients of eⁿ, for an n of value 0.
 *
 * @param out  receives them: one for each product, 1 for the empty one
 * @param from where those of n begin
 */
export function expJet(out: Float64Array, n: Float64Array, from: number): void {
  out[0] = 1;
  for (let set = 1; set < out.length; set++) {
    const last = lastOf(set);
    const rest = set ^ last;
    let sum = 0;
    for (let part = rest; ; part = (part - 1) & rest) {
      sum += n[from + (part | last)]! * out[rest ^ part]!;
      if (part === 0) break;
    }
    out[set] = sum;
  }
}

/**
 * The coefficients of ln s, for an s of value 1: the inverse of {@link expJet}.
 *
 * @param out receives them
 * @param to  where they begin
 */
export function logJet(out: Float64Array, to: number, s: Float64Array): void {
  for (let set = 1; set < s.length; set++) {
    const last = lastOf(set);
    const rest = set ^ last;
    let sum = s[set]!;
    for (let part = rest; part > 0; ) {
      part = (part - 1) & rest;
      sum -= out[to + (part | last)]! * s[rest ^ part]!;
    }
    out[to + set] = sum;
  }
}

/** The highest bit of a number above 0. */
const lastOf = (set: number): number => 1 << (31 - Math.clz32(set));
