import { type Browser, chromium, type Page } from "playwright-core";
import type { Answer, Greeting, Question } from "../sides/protocol.ts";
import { type Asked, PATIENCE, type Side, sideOf } from "../sides/side.ts";

/** Where a side has its page, and what shows it. */
export interface Showing {
  readonly url: string;
  /** The path of the browser. */
  readonly browser: string;
  /** Whether what its console says is passed on to stderr. @defaultValue false */
  readonly loud?: boolean;
}

/** A page that is behind another one must run as fast. */
const awake = ["--disable-background-timer-throttling", "--disable-renderer-backgrounding"];

/** Starts a side in a page of a browser of its own. */
export async function startPage(name: string, showing: Showing, threads: number): Promise<Side> {
  const browser = await chromium.launch({
    executablePath: showing.browser,
    args: ["--no-sandbox", "--disable-background-networking", ...awake],
  });
  return sideOf(name, new AskedPage(browser, showing), threads);
}

/** A page that answers questions by its function `answer`. */
class AskedPage implements Asked {
  readonly #browser: Browser;
  readonly #opened: Promise<Page>;
  #end: (reason: string) => void = () => undefined;
  readonly #ended: Promise<Answer>;

  constructor(browser: Browser, showing: Showing) {
    this.#browser = browser;
    this.#ended = new Promise((resolve) => {
      this.#end = (error) => resolve({ error });
    });
    this.#opened = this.#open(showing);
    this.#opened.catch((error: Error) => this.#end(error.message));
  }

  async ask(question: Question, expected = 0): Promise<unknown> {
    let timer: NodeJS.Timeout | undefined;
    if (Number.isFinite(expected)) {
      timer = setTimeout(() => this.#end(`no answer within ${PATIENCE / 1000} s`), PATIENCE + expected);
    }
    const answer = await Promise.race([this.#ended, this.#answer(question)]).finally(() => clearTimeout(timer));
    if ("error" in answer) throw new Error(answer.error);
    if (question.do !== "hello") return answer.value;
    const runtime = `Chromium ${this.#browser.version()}`;
    return { ...(answer.value as Greeting), runtime };
  }

  close(): void {
    this.#end("it was closed");
    this.#browser.close().catch(() => undefined);
  }

  async #answer(question: Question): Promise<Answer> {
    try {
      const page = await this.#opened;
      return await page.evaluate<Answer>(`answer(${JSON.stringify(question)})`);
    } catch (error) {
      return { error: (error as Error).message };
    }
  }

  async #open({ url, loud = false }: Showing): Promise<Page> {
    const page = await this.#browser.newPage();
    page.on("crash", () => this.#end("its page crashed"));
    page.on("close", () => this.#end("its page was closed"));
    page.on("pageerror", (error) => this.#end(String(error)));
    if (loud) page.on("console", (message) => process.stderr.write(`${message.text()}\n`));
    await page.goto(url);
    await page.waitForFunction("'answer' in globalThis || 'failed' in globalThis");
    const failed = await page.evaluate<string | undefined>("globalThis.failed");
    if (failed !== undefined) throw new Error(failed);
    return page;
  }
}
