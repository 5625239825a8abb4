import { useFastKernels } from "@tapegrad/tensor";
import { type Browser, chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundlePages, measureFace } from "./bundle.ts";
import { findBrowser } from "./findBrowser.ts";
import { differences, type Packed, unpack } from "./packed.ts";
import { type PolicyName, policies } from "./policies.ts";
import { type Outcome, runScenario } from "./scenario/scenario.ts";
import { type Server, serve } from "./server.ts";
import { type Place, type Visit, visit } from "./visit.ts";

/** Without a browser everything ends here, with one message. */
const executablePath = findBrowser();

let browser: Browser;
let server: Server;
/** What Node finds, with and without WebAssembly. */
let node: { readonly fast: Outcome; readonly plain: Outcome };
const information: string[] = [];

beforeAll(async () => {
  browser = await chromium.launch({
    executablePath,
    args: ["--no-sandbox", "--disable-background-networking"],
  });
  server = await serve(await bundlePages());
  node = { fast: runScenario(), plain: withoutWasm(runScenario) };
});

afterAll(async () => {
  await browser?.close();
  server?.close();
  const { start, later } = await measureFace();
  const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(1)} kB`;
  console.log(
    [
      `all of tapegrad: ${kilobytes(start.minified)} minified, ${kilobytes(start.gzipped)} gzipped`,
      `loaded on demand: ${kilobytes(later.minified)} minified, ${kilobytes(later.gzipped)} gzipped`,
      ...information,
    ].join("\n"),
  );
});

const names = Object.keys(policies) as PolicyName[];
const cases = names.flatMap((policy) => (["page", "worker"] as const).map((place) => ({ policy, place })));

describe.each(cases)("policy $policy, in a $place", ({ policy, place }: { policy: PolicyName; place: Place }) => {
  const { strings, wasm } = policies[policy];
  let found: Visit;
  let expected: Outcome;

  beforeAll(async () => {
    found = await visit(browser, server, policy, place);
    expected = wasm ? node.fast : node.plain;
    const [first, again] = found.took.map((ms) => ms.toFixed(0));
    information.push(
      `${policy}, ${place}: first training step after ${found.firstStep.toFixed(0)} ms; the whole in ${first} ms, again in ${again} ms`,
    );
  });

  it("is what it claims to be", () => {
    expect(found.allowed).toEqual({ strings, wasm });
    expect(found.instances > 0).toBe(wasm);
  });

  it("draws Node's random numbers, bit for bit", () => {
    expect(differencesByName(found.outcome.draws, expected.draws)).toEqual({});
  });

  it("draws float64 normal numbers to the last place but one, where hosts' own logarithms and sines differ", () => {
    const [numbers, others] = [unpack(found.outcome.doubles), unpack(expected.doubles)];
    expect(numbers).toHaveLength(others.length);
    expect(Math.max(...numbers.map((x, i) => Math.abs(x / others[i]! - 1)))).toBeLessThan(4 * Number.EPSILON);
  });

  it("computes on views as Node does, bit for bit", () => {
    expect(differencesByName(found.outcome.strided, expected.strided)).toEqual({});
  });

  it.each(["mlp", "cnn"] as const)("trains the %s as Node does", (model) => {
    const { losses, state } = found.outcome[model];
    expect(losses).toHaveLength(node.fast[model].losses.length);
    expect(distance(losses, node.fast[model].losses)).toBeLessThan(1e-5);
    // and, with the same kernels, bit for bit
    expect(losses).toEqual(expected[model].losses);
    expect(differences(state, expected[model].state)).toEqual([]);
  });

  it("prints tensors and errors as Node does", () => {
    expect(found.outcome.tensors).toEqual(expected.tensors);
  });

  it("knows its classes by name, minified as they are", () => {
    expect(found.outcome.models).toEqual(expected.models);
    const misnamed = Object.entries(found.outcome.classNames).filter(([name, own]) => name !== own);
    expect(Object.fromEntries(misnamed)).toEqual({});
  });

  it("takes tensors through safetensors and back", () => {
    const { before, bytes, after, metadata } = found.outcome.files;
    expect(differencesByName(after, before)).toEqual({});
    expect(bytes === expected.files.bytes).toBe(true);
    expect(metadata).toEqual(expected.files.metadata);
  });

  it("says that there are no files, and what to do", () => {
    expect(found.refusals.save).toMatch(
      /^unsupported\nTensorError: saveSafetensors: (?:.|\n)*\n {2}hint: .*encodeSafetensors/,
    );
    expect(found.refusals.load).toMatch(
      /^unsupported\nTensorError: loadSafetensors: (?:.|\n)*\n {2}hint: .*decodeSafetensors/,
    );
  });

  it("gives the same once more", () => {
    expect(found.again).toEqual(found.outcome);
  });

  it("is quiet", () => {
    expect(found.errors).toEqual([]);
    expect(found.console).toEqual([]);
    // whether WebAssembly may be compiled shows only when it is tried: once
    expect(found.violations).toEqual(wasm ? [] : ["wasm-eval"]);
  });
});

function withoutWasm<T>(run: () => T): T {
  const former = useFastKernels(false);
  try {
    return run();
  } finally {
    useFastKernels(former);
  }
}

/** {@link differences} of the arrays that differ, by name. */
function differencesByName(
  found: Readonly<Record<string, Packed>>,
  expected: Readonly<Record<string, Packed>>,
): Record<string, string[]> {
  const missing: Packed = { dtype: "bool", shape: [], bytes: "" };
  const names = new Set([...Object.keys(found), ...Object.keys(expected)]);
  const all = [...names].map((name) => [name, differences(found[name] ?? missing, expected[name] ?? missing)] as const);
  return Object.fromEntries(all.filter(([, lines]) => lines.length > 0));
}

/** The largest distance between numbers at the same place. */
function distance(a: readonly number[], b: readonly number[]): number {
  return Math.max(...a.map((x, i) => Math.abs(x - b[i]!)));
}
