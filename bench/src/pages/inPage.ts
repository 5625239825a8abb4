import { packInputs, unpackInputs } from "../inputs.ts";
import { answerer, type Host, type Place } from "../sides/answerer.ts";

/** What the bundler puts in the place of this name: versions of libraries. */
declare const VERSIONS: Readonly<Record<string, string>>;

/** The version of a library that this page has. */
export function versionInPage(name: string): string {
  return VERSIONS[name] ?? "unknown";
}

const place: Place = {
  runtime: "a page", // the browser says its version to whoever has started it
  readInputs: () => unpackInputs(async (name) => (await fetch(`/inputs/${name}`)).arrayBuffer()),
  peakMemory: () => {
    throw new Error("a page does not know its memory");
  },
  trace: ({ stack }) => console.error(stack),
};

/** Leaves the inputs of a line with the server, which has the folder. */
export async function writeInputsFromPage(_folder: string, inputs: Parameters<typeof packInputs>[0]): Promise<void> {
  for (const [name, body] of packInputs(inputs)) await fetch(`/inputs/${name}`, { method: "PUT", body });
}

/** Answers questions as the function `answer` of the page, or says in `failed` why it cannot. */
export async function answerInPage(host: () => Promise<Host>): Promise<void> {
  try {
    Reflect.set(globalThis, "answer", answerer(await host(), place));
  } catch (error) {
    Reflect.set(globalThis, "failed", String(error));
  }
}
