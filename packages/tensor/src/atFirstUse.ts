/**
 * Declarations that wait. A program loads every op and every kernel and uses few of them: what a function holds that nobody has called
 * yet is neither compiled nor run.
 */

/** What `make` makes, the first time that somebody asks; the same from then on. */
export function atFirstUse<T extends object>(make: () => T): () => T {
  let made: T | null = null;
  return () => (made ??= make());
}

/** Puts on a function what has been declared about it: fields that ask for the declaration when somebody reads them. */
export type Describe<D, Fields> = <F extends object>(call: F, declared: () => D) => F & Fields;

const DECLARED = Symbol("declaration");

/**
 * Makes functions to which fields of a declaration belong. They inherit the getters: defining some of its own on each function would take
 * several times as long.
 *
 * @param read what each field is, in a declaration
 */
export function describer<D, Fields extends object>(
  read: { readonly [K in keyof Fields]: (declared: D) => Fields[K] },
): Describe<D, Fields> {
  const inherited: object = Object.create(Function.prototype);
  for (const [field, of] of Object.entries(read) as [keyof Fields, (declared: D) => unknown][]) {
    Object.defineProperty(inherited, field, {
      get(this: { readonly [DECLARED]: () => D }) {
        return of(this[DECLARED]());
      },
    });
  }
  return <F extends object>(call: F, declared: () => D) => {
    const described = Object.setPrototypeOf(call, inherited) as F & Fields & { [DECLARED]: () => D };
    described[DECLARED] = declared;
    return described;
  };
}
