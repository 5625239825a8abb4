import { type FunctionBuilder, i32, type Locals, type ModuleBuilder, type Params } from "../../wasm/encoder.ts";

/** Pointers of one kind each. */
type Pointers = Readonly<Record<string, "i32">>;

/**
 * Exports a function that works on a batch of matrices: `<name>(count, places, ...params)`. For each matrix, `places` holds the pointers that
 * `body` gets beside the parameters.
 */
export function eachMatrix<const M extends Pointers, const P extends Params>(
  m: ModuleBuilder,
  name: string,
  pointers: M,
  params: P,
  body: (f: FunctionBuilder, p: Locals<M & P>) => void,
): void {
  const matrix = m.function(`${name}Matrix`, { ...pointers, ...params } as M & P, body);
  m.export(name, { count: "i32", places: "i32", ...params } as Params, (f, given) => {
    const { count, places, ...others } = given as Locals<{ count: "i32"; places: "i32" }>;
    f.range(0, count, 1, () => {
      const loaded = Object.keys(pointers).map((key, i) => [key, i32.load(places, 4 * i)]);
      f.call(matrix as never, { ...Object.fromEntries(loaded), ...others } as never);
      f.step(places, 4 * Object.keys(pointers).length);
    });
  });
}
