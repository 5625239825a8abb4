/** Our side: `tapegrad` in a process of its own. */

import type { Tensor } from "tapegrad";
import * as tapegrad from "tapegrad";
import { type Input, writeInputs } from "../inputs.ts";
import { lines, prepare } from "../lines/index.ts";
import { type Host, type Results, serve } from "./serve.ts";

const host: Host = {
  version: "this one",
  traces: true,
  setThreads,
  prepare: (name, _inputs, folder) => {
    const line = lines.find((candidate) => candidate.name === name);
    if (line === undefined) throw new Error("there is no such line");
    const { run, inputs, results, per = 1, flops } = prepare(line);
    if (folder !== null) writeInputs(folder, mapValues(inputs, asInput));
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

await serve(host);

function setThreads(threads: number): void {
  const { setNumThreads } = tapegrad as { readonly setNumThreads?: (threads: number) => void };
  if (setNumThreads !== undefined) setNumThreads(threads);
  else if (threads > 1) throw new Error("tapegrad has no threads yet");
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
