import type { Browser } from "playwright-core";
import type { PolicyName } from "./policies.ts";
import type { Report } from "./report.ts";
import type { Server } from "./server.ts";

/** Who does the work: the page, or a module worker. */
export type Place = "page" | "worker";

/** What came of a visit to a page. */
export interface Visit extends Report {
  /** All that the console said, of whatever kind, from pages and workers. */
  readonly console: readonly string[];
  /** Errors that nobody caught, requests that failed. */
  readonly errors: readonly string[];
}

const PATIENCE = 45_000;

/** Has a page do its work under a policy, in a browser profile of its own. */
export async function visit(browser: Browser, server: Server, policy: PolicyName, place: Place): Promise<Visit> {
  const context = await browser.newContext();
  const page = await context.newPage();
  const said: string[] = [];
  const errors: string[] = [];
  page.on("console", (message) => said.push(`${message.type()}: ${message.text()}`));
  page.on("requestfailed", (request) => errors.push(`${request.url()} ${request.failure()?.errorText}`));
  page.on("response", (response) => {
    if (!response.ok()) errors.push(`${response.url()} ${response.status()}`);
  });
  let timer: NodeJS.Timeout | undefined;
  const trouble = new Promise<never>((_, reject) => {
    page.on("pageerror", (error) => {
      errors.push(String(error));
      reject(error);
    });
    page.on("crash", () => reject(new Error("the page crashed")));
    timer = setTimeout(() => reject(new Error(["no report in time", ...said].join("\n"))), PATIENCE);
  });
  trouble.catch(() => {}); // an error after the report counts too, but as one of `errors`
  try {
    const report = server.nextReport();
    await page.goto(`${server.url}${policy}/${place === "page" ? "page" : "workerPage"}.html`);
    const found: Report & { readonly error?: string } = JSON.parse(await Promise.race([report, trouble]));
    if (found.error !== undefined) throw new Error(found.error);
    return { ...found, console: said, errors };
  } finally {
    clearTimeout(timer);
    await context.close();
  }
}
