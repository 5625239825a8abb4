import { type Browser, chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundlePages } from "./bundle.ts";
import { findBrowser } from "./findBrowser.ts";
import { type Server, serve } from "./server.ts";
import type { Threads } from "./threadsPage.ts";

const executablePath = findBrowser();

let browser: Browser;
let server: Server;

beforeAll(async () => {
  browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-background-networking"] });
  server = await serve(await bundlePages());
});

afterAll(async () => {
  await browser?.close();
  server?.close();
});

describe("setNumThreads in a page", () => {
  it.each([
    { policy: "isolated", isolated: true, threads: 2 },
    { policy: "open", isolated: false, threads: 1 },
    { policy: "strict", isolated: false, threads: 1 },
  ])("$policy: $threads at work, and the same bits", async ({ policy, ...expected }) => {
    const page = await browser.newPage();
    await page.goto(`${server.url}${policy}/threads.html`);
    await page.waitForFunction("globalThis.threads !== undefined");
    expect(await page.evaluate<Threads>("globalThis.threads")).toEqual({ ...expected, same: true });
    await page.close();
  });
});
