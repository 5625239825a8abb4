import { findBrowser } from "@tapegrad/browser-tests";
import { type Server, serveSite } from "../pages/server.ts";
import { bundlePages, type PageName } from "../pages/site.ts";
import { startPage } from "../pages/startPage.ts";
import { startSide } from "./child.ts";
import type { Side } from "./side.ts";
import { commandOf, ONE_THREAD, type OtherName } from "./sides.ts";

/** Who takes part, and where. */
export interface Cast {
  readonly against: readonly OtherName[];
  readonly threads: number;
  /** The Node that runs the JavaScript sides; null: this one. */
  readonly node: string | null;
  /** Whether JavaScript sides run in pages. */
  readonly browser: boolean;
}

/** The sides of a run. */
export interface Started {
  readonly ours: Side;
  readonly others: readonly Side[];
  /** Ends all of them. */
  close(): void;
}

/** Starts a library under a name with so many threads. */
type Start = (library: "ours" | OtherName, name: string, threads: number) => Promise<Side>;

/**
 * Starts all sides: ours and PyTorch's with the threads that were asked for, and ours once more with one where those are more.
 *
 * @param folder where inputs are handed over
 * @throws Error where no browser is found, which says how to get one
 */
export async function startSides({ against, threads, node, browser }: Cast, folder: string): Promise<Started> {
  const sides: Side[] = [];
  let server: Server | null = null;
  let start: Start = (library, name, count) => startSide(name, commandOf(library, node ?? process.execPath), count);
  if (browser) {
    const path = findBrowser("the benchmark with --browser");
    const pages = against.filter((name): name is PageName & OtherName => name !== "torch");
    server = await serveSite(await bundlePages(["ours", ...pages]), folder);
    start = pageStart(path, server.url, start);
  }
  const add = async (...given: Parameters<Start>): Promise<Side> => {
    const side = await start(...given);
    sides.push(side);
    return side;
  };
  const ours = await add("ours", "ours", threads);
  const others: Side[] = [];
  for (const name of against) others.push(await add(name, name, name === "torch" ? threads : 1));
  if (threads > 1) others.push(await add("ours", ONE_THREAD, 1));
  const close = (): void => {
    for (const side of sides) side.close();
    server?.close();
  };
  return { ours, others, close };
}

/** Starts libraries in pages, but PyTorch, which has none, as before. */
function pageStart(browser: string, url: string, elsewhere: Start): Start {
  return (library, name, threads) =>
    library === "torch"
      ? elsewhere(library, name, threads)
      : startPage(name, { url: `${url}/${library}.html`, browser, loud: library === "ours" }, threads);
}
