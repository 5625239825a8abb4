/**
 * An object one can call: `object(x)` is `object.invoke(x)`.
 *
 * The constructor hands out a function in place of the plain object and gives it the prototype of the class, so class
 * fields, `#private` fields, methods and `instanceof` work as usual, and a subclass need not know.
 */
export abstract class Callable {
  static readonly name: string = "Callable";
  constructor() {
    const self = ((...args: readonly unknown[]): unknown => self.invoke(...args)) as unknown as this;
    Reflect.deleteProperty(self, "name"); // a function's own name and length are read-only
    Reflect.deleteProperty(self, "length");
    // biome-ignore lint/correctness/noConstructorReturn: the function stands in for the object
    return Object.setPrototypeOf(self, new.target.prototype) as this;
  }

  /** What a call does. */
  protected abstract invoke(...args: readonly unknown[]): unknown;
}
