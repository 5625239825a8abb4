import { PassThrough } from "node:stream";
import { expect, it } from "vitest";
import { fingerprint } from "../fingerprint.ts";
import type { Host } from "./answerer.ts";
import type { Question } from "./protocol.ts";
import { serve } from "./serve.ts";

/** What a side answers to some questions. */
async function answers(host: Partial<Host>, ...questions: Question[]): Promise<unknown[]> {
  const [input, output] = [new PassThrough(), new PassThrough()];
  input.end(questions.map((question) => `${JSON.stringify(question)}\n`).join(""));
  await serve({ version: "1.2", setThreads: () => undefined, prepare: () => work, ...host }, input, output);
  return String(output.read() ?? "")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown);
}

let runs = 0;
const work = { run: () => runs++, asynchronous: false, per: 1, results: () => ({ x: [1, -2] }), note: "by hand" };
const prepare: Question = { do: "prepare", line: "a line", folder: "somewhere" };

it("greets, and compares what it computes", async () => {
  expect(await answers({}, { do: "hello", threads: 1 }, prepare)).toEqual([
    { value: { version: "1.2", runtime: `Node ${process.version}` } },
    { value: { results: { x: fingerprint([1, -2]) }, note: "by hand", flops: null } },
  ]);
});

it("runs as often as it is asked", async () => {
  const before = runs;
  const [, repeated, memory] = await answers({}, prepare, { do: "repeat", times: 7 }, { do: "memory" });
  expect([repeated, runs - before]).toEqual([{ value: null }, 7]);
  expect(memory).toEqual({ value: expect.any(Number) });
});

it("answers with the reason where it cannot, and goes on", async () => {
  const refuse = (): never => {
    throw new Error("it has no such loss");
  };
  expect(await answers({ prepare: refuse }, prepare, { do: "time", budget: 1 }, { do: "hello", threads: 1 })).toEqual([
    { error: "it has no such loss" },
    { error: "no line is set up" },
    { value: { version: "1.2", runtime: `Node ${process.version}` } },
  ]);
});

it("lets go of a line before it sets the next one up", async () => {
  const order: string[] = [];
  const host: Partial<Host> = {
    prepare: (line) => {
      order.push(line);
      return { ...work, dispose: () => order.push(`not ${line}`) };
    },
  };
  await answers(host, prepare, { ...prepare, line: "another" });
  expect(order).toEqual(["a line", "not a line", "another"]);
});
