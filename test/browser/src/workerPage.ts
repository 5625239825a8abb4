/** What the page runs when it leaves the work to a module worker. */
declare const Worker: new (url: URL, options: { readonly type: "module" }) => EventTarget;

const worker = new Worker(new URL("./entry.ts", import.meta.url), { type: "module" });
worker.addEventListener("error", (event) => {
  const { message = "it did not load" } = event as Event & { readonly message?: string };
  throw new Error(`worker: ${message}`);
});
