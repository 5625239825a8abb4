/** What `make` makes, the first time that somebody asks; the same from then on. */
export function atFirstUse<T extends object>(make: () => T): () => T {
  let made: T | null = null;
  return () => (made ??= make());
}
