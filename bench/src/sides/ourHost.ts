import type { Tensor } from "tapegrad";
import { setNumThreads } from "tapegrad";
import type { Input, Inputs } from "../inputs.ts";
import { lines, prepare } from "../lines/index.ts";
import type { Host, Results } from "./answerer.ts";

/** `tapegrad` as a side. `writeInputs` hands the arrays of a line to the others. */
export function ourHost(writeInputs: (folder: string, inputs: Inputs) => void | Promise<void>): Host {
  return {
    version: "this one",
    traces: true,
    setThreads: setNumThreads,
    prepare: async (name, _inputs, folder) => {
      const line = lines.find((candidate) => candidate.name === name);
      if (line === undefined) throw new Error("there is no such line");
      const { run, inputs, results, per = 1, flops } = prepare(line);
      if (folder !== null) await writeInputs(folder, mapValues(inputs, asInput));
      return {
        run,
        asynchronous: false,
        per,
        ...(flops === undefined ? {} : { flops }),
        results: (): Results =>
          mapValues(results(), (value) => value.detach().reshape(-1).toArray() as ArrayLike<number>),
      };
    },
  };
}

function asInput(value: Tensor): Input {
  const flat = value.detach().reshape(-1);
  const { shape } = value;
  return flat.dtype === "int32" || flat.dtype === "bool"
    ? { shape, values: Int32Array.from(flat.int().toArray() as ArrayLike<number>) }
    : { shape, values: Float32Array.from(flat.toArray() as ArrayLike<number>) };
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, f: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, f(value)]));
}
