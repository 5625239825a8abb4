import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { Site } from "./bundle.ts";
import { policies } from "./policies.ts";

/** A running server: each {@link policies policy} has a folder, whose files all come with its header. */
export interface Server {
  /** Where the folders are, with a slash at the end. */
  readonly url: string;
  /** The text of the next report that a page posts. */
  nextReport(): Promise<string>;
  close(): void;
}

/** Serves a site on a free port of this machine. */
export async function serve(site: Site): Promise<Server> {
  let deliver: (report: string) => void = () => {};
  const server = createServer((request, response) => {
    if (request.method !== "POST") return answer(site, request, response);
    text(request).then((report) => {
      response.writeHead(204).end();
      deliver(report);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    nextReport: () =>
      new Promise((resolve) => {
        deliver = resolve;
      }),
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

function answer(site: Site, { url = "/" }: IncomingMessage, response: ServerResponse): void {
  const [, folder = "", file = ""] = /^\/([^/]*)\/(.*)$/.exec(url) ?? [];
  const content = site.get(file);
  if (content === undefined || !Object.hasOwn(policies, folder)) {
    response.writeHead(404).end();
    return;
  }
  const { header, isolated } = policies[folder as keyof typeof policies];
  if (header !== null) response.setHeader("content-security-policy", header);
  if (isolated) {
    response.setHeader("cross-origin-opener-policy", "same-origin");
    response.setHeader("cross-origin-embedder-policy", "require-corp");
  }
  response.setHeader("content-type", file.endsWith(".html") ? "text/html; charset=utf-8" : "text/javascript");
  response.end(content);
}
