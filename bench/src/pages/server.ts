import { readFileSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { buffer } from "node:stream/consumers";
import type { Site } from "./site.ts";

/** A running server. */
export interface Server {
  /** Where the pages are, without a slash at the end. */
  readonly url: string;
  close(): void;
}

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".wasm": "application/wasm",
};

/** Only in an isolated page do threads share memory, and does the clock count in steps of 5 rather than 100 microseconds. */
const isolation = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
  "cache-control": "no-store",
};

/** Serves a site on a free port of this machine. Below `/inputs/` are the files of a folder, which pages may also put there. */
export async function serveSite(site: Site, folder: string): Promise<Server> {
  const server = createServer((request, response) => {
    answer(site, folder, request, response).catch(() => response.writeHead(404).end());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function answer(site: Site, folder: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { url = "/", method } = request;
  const input = /^\/inputs\/(\w+\.(?:bin|json))$/.exec(url)?.[1];
  if (method === "PUT" && input !== undefined) {
    writeFileSync(join(folder, input), await buffer(request));
    response.writeHead(204, isolation).end();
    return;
  }
  const content = input === undefined ? site.get(url) : readFileSync(join(folder, input));
  if (content === undefined) {
    response.writeHead(404, isolation).end();
    return;
  }
  response.writeHead(200, { ...isolation, "content-type": types[extname(url)] ?? "application/octet-stream" });
  response.end(content);
}
