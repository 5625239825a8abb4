import { run } from "./run.ts";
import { stopOnSignals } from "./signals.ts";

// a reader that has seen enough, as in `| head`, must not cost the training
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});

process.exitCode = await run(process.argv.slice(2), {
  folder: process.env.INIT_CWD ?? process.cwd(), // pnpm runs scripts in the project's folder, not the caller's
  out: process.stdout,
  err: process.stderr,
  stop: stopOnSignals(),
});
