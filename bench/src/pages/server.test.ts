import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Server, serveSite } from "./server.ts";

let folder = "";
let server: Server;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "bench-server-"));
  const site = new Map<string, string | Uint8Array>([
    ["/ours.html", "<!doctype html>"],
    ["/tfjs/a.wasm", Uint8Array.of(0, 0x61)],
  ]);
  server = await serveSite(site, folder);
});

afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

it("serves pages that are isolated, and modules with their type", async () => {
  const page = await fetch(`${server.url}/ours.html`);
  expect(await page.text()).toBe("<!doctype html>");
  expect(Object.fromEntries(page.headers)).toMatchObject({
    "content-type": "text/html; charset=utf-8",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-embedder-policy": "require-corp",
  });
  const module = await fetch(`${server.url}/tfjs/a.wasm`);
  expect(module.headers.get("content-type")).toBe("application/wasm");
  expect([...new Uint8Array(await module.arrayBuffer())]).toEqual([0, 0x61]);
});

it("takes inputs, and gives them to others", async () => {
  const put = await fetch(`${server.url}/inputs/0.bin`, { method: "PUT", body: Uint8Array.of(1, 2, 3) });
  expect(put.status).toBe(204);
  expect([...readFileSync(join(folder, "0.bin"))]).toEqual([1, 2, 3]);
  const got = await fetch(`${server.url}/inputs/0.bin`);
  expect([...new Uint8Array(await got.arrayBuffer())]).toEqual([1, 2, 3]);
});

it("knows nothing else", async () => {
  const paths = ["/", "/inputs/1.bin", "/inputs/..%2f..%2fetc%2fpasswd", "/inputs/a/b.bin"];
  const answers = await Promise.all(paths.map((path) => fetch(`${server.url}${path}`)));
  expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
});
