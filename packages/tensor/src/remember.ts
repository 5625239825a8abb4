/** What is remembered of a function at most: shapes that a program uses again and again are fewer. */
const MOST = 256;

/** The same function of numbers and lists of numbers, whose results are made once: nobody may change them. Only the newest are remembered. */
export function remember<A extends readonly (number | readonly number[])[], T>(
  make: (...args: A) => T,
): (...args: A) => T {
  const made = new Map<string, T>();
  return (...args) => {
    const key = args.join();
    let value = made.get(key);
    if (value === undefined) {
      value = make(...args);
      if (made.size === MOST) made.delete(made.keys().next().value!);
      made.set(key, value);
    }
    return value;
  };
}
