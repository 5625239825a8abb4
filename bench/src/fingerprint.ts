/** What is left of an array for comparison: Σx, Σx·cos(i), which sees the order, and Σ|x|, against which differences are held. */
export type Fingerprint = readonly [sum: number, wave: number, size: number];

/** Results by name. */
export type Fingerprints = Readonly<Record<string, Fingerprint>>;

/** How far results may lie apart, as a share of Σ|x|: a wrong formula is further off, another order of summation far less. */
const TOLERANCE = 1e-3;

/** The fingerprint of an array, in double precision. */
export function fingerprint(values: ArrayLike<number>): Fingerprint {
  let [sum, wave, size] = [0, 0, 0];
  for (let i = 0; i < values.length; i++) {
    const x = values[i]!;
    sum += x;
    wave += x * Math.cos(i);
    size += Math.abs(x);
  }
  return [sum, wave, size];
}

/** The fingerprints of several arrays. */
export function fingerprints(arrays: Readonly<Record<string, ArrayLike<number>>>): Fingerprints {
  return Object.fromEntries(Object.entries(arrays).map(([name, values]) => [name, fingerprint(values)]));
}

/** What differs between our results and those of another side that it has too, in words; empty if they agree. */
export function differences(ours: Fingerprints, theirs: Fingerprints): string[] {
  const names = Object.keys(ours).filter((name) => name in theirs);
  if (names.length === 0) return ["there is no result that both have"];
  return names
    .filter((name) => !agree(ours[name]!, theirs[name]!))
    .map((name) => `${name}: ${show(ours[name]!)} here, ${show(theirs[name]!)} there`);
}

function agree(ours: Fingerprint, theirs: Fingerprint): boolean {
  const bound = TOLERANCE * Math.max(ours[2], theirs[2]);
  return ours.every((value, i) => Math.abs(value - theirs[i]!) <= bound); // NaN agrees with nothing
}

function show(values: Fingerprint): string {
  return `[${values.map((value) => value.toPrecision(7)).join(", ")}]`;
}
