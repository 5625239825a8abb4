/** What the page runs when it works itself, and the worker when there is one. The library loads after the watch has begun. */
import { watch } from "./watch.ts";

const seen = watch();
const { sendReport } = await import("./report.ts");
await sendReport(seen);
