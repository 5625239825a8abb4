import { expect, it } from "vitest";
import { startSide } from "./child.ts";

/** A process that answers with the given JavaScript, which sees a question as `q` and gives an answer. */
function answering(body: string): { program: string; args: string[] } {
  const script = `require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => {
    const q = JSON.parse(line); console.log(JSON.stringify(${body})); });`;
  return { program: process.execPath, args: ["-e", script] };
}

it("asks a process and tells what it says", async () => {
  const body = `q.do === "hello" ? { value: { version: "v" + q.threads } } : q.do === "memory" ? { value: 5 } : { error: "no" }`;
  const side = await startSide("one", answering(body), 3);
  expect([side.name, side.version, side.absent, await side.memory()]).toEqual(["one", "v3", null, 5]);
  await expect(side.prepare("a line", null)).rejects.toThrow("no");
  side.close();
});

it("says why a library is not there", async () => {
  const failing = {
    program: process.execPath,
    args: ["-e", "console.error('first\\nno such module\\n'); process.exit(3)"],
  };
  expect(await startSide("one", failing, 1)).toMatchObject({ version: null, absent: "no such module" });
  const missing = { program: process.execPath, args: ["--input-type=module", "-e", "import 'no-such-package'"] };
  expect((await startSide("one", missing, 1)).absent).toBe(
    "Error [ERR_MODULE_NOT_FOUND]: Cannot find package 'no-such-package'",
  );
  const silent = { program: process.execPath, args: ["-e", "process.exit(3)"] };
  expect((await startSide("one", silent, 1)).absent).toBe("it ended with exit code 3");
  expect((await startSide("one", { program: "no-such-program", args: [] }, 1)).absent).toContain("ENOENT");
});

it("says so when a process ends in the middle of its work", async () => {
  const side = await startSide("one", answering(`q.do === "hello" ? { value: { version: "1" } } : process.exit(4)`), 1);
  await expect(side.time(1)).rejects.toThrow("it ended with exit code 4");
  await expect(side.time(1)).rejects.toThrow("it ended with exit code 4");
});
