/** An array that one side hands to the others. */
export interface Input {
  readonly shape: readonly number[];
  readonly values: Float32Array | Int32Array;
}

/** Arrays by name, in order. */
export type Inputs = Readonly<Record<string, Input>>;

/** A file as it is handed over: its name, and its bytes. */
export type InputFile = readonly [name: string, bytes: Uint8Array<ArrayBuffer>];

/** What stands in `inputs.json`, beside one file of little-endian numbers for each array. */
type Manifest = readonly {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: "float32" | "int32";
}[];

const MANIFEST = "inputs.json";

/** The files that hold some arrays. */
export function packInputs(inputs: Inputs): InputFile[] {
  if (new Uint8Array(Uint16Array.of(1).buffer)[0] !== 1) throw new Error("the benchmark needs a little-endian machine");
  const entries = Object.entries(inputs);
  const manifest: Manifest = entries.map(([name, { shape, values }]) => ({
    name,
    shape,
    dtype: values instanceof Float32Array ? "float32" : "int32",
  }));
  const numbers = entries.map(([, { values }], i): InputFile => {
    const { buffer, byteOffset, byteLength } = values;
    return [`${i}.bin`, new Uint8Array(new Uint8Array(buffer, byteOffset, byteLength))]; // a copy: shared memory cannot be sent
  });
  return [[MANIFEST, new TextEncoder().encode(JSON.stringify(manifest))], ...numbers];
}

/** The arrays of {@link packInputs}; `read` gives the bytes of a file. */
export async function unpackInputs(read: (name: string) => ArrayBuffer | Promise<ArrayBuffer>): Promise<Inputs> {
  const manifest = JSON.parse(new TextDecoder().decode(await read(MANIFEST))) as Manifest;
  const entries = manifest.map(async ({ name, shape, dtype }, i) => {
    const bytes = await read(`${i}.bin`);
    return [name, { shape, values: dtype === "float32" ? new Float32Array(bytes) : new Int32Array(bytes) }] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}
