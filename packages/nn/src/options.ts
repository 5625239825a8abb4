import { checkOptions, fail, nearest } from "@tapegrad/tensor";

/** A value, null or nothing for every option of `O`: what it is when it is left out. */
export type Defaults<O extends object> = { readonly [K in keyof O]-?: O[K] | null | undefined };

/** The options of `O`, each as given or at its default. */
export type Resolved<O extends object, D extends Defaults<O>> = {
  readonly [K in keyof O]-?: Exclude<O[K], undefined> | D[K];
};

/**
 * Options with their defaults filled in.
 *
 * @param where    who takes them, for the error
 * @param options  what was given; undefined values count as left out
 * @param defaults every known option with its default, undefined where it has none
 * @throws TensorError `invalid_option` for an option that is not known, naming the nearest that is
 */
export function withDefaults<O extends object, const D extends Defaults<O>>(
  where: string,
  options: O,
  defaults: D,
): Resolved<O, D> {
  if (typeof options !== "object" || options === null) checkOptions(where, options, Object.keys(defaults));
  const resolved: Record<string, unknown> = { ...defaults };
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(defaults, name)) checkOptions(where, options, Object.keys(defaults));
    const value = options[name as keyof O];
    if (value !== undefined) resolved[name] = value;
  }
  return resolved as Resolved<O, D>;
}

/**
 * Checks that an option is one of a few words, and returns it.
 *
 * @throws TensorError `invalid_option`, naming the nearest word
 */
export function checkChoice<T extends string>(where: string, name: string, value: T, choices: readonly T[]): T {
  if (choices.includes(value)) return value;
  const near = nearest(String(value), choices);
  const facts = { [name]: JSON.stringify(value) ?? value, known: choices };
  return fail(
    "invalid_option",
    where,
    `unknown ${name}`,
    facts,
    near === undefined ? undefined : `did you mean "${near}"?`,
  );
}

/** Checks that a size is a whole number of at least `least`, and returns it. */
export function checkCount(where: string, name: string, value: number, least = 0): number {
  if (Number.isInteger(value) && value >= least) return value;
  return fail("invalid_argument", where, `${name} must be a whole number of at least ${least}`, { [name]: value });
}
