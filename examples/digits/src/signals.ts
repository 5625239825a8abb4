/** One press of Ctrl-C may arrive twice: from the terminal, and once more from the package manager that started us. */
const SAME_PRESS = 500;

/** What signals come from, and what ends; `process` is one. */
export interface SignalSource {
  on(signal: "SIGINT" | "SIGTERM", listener: () => void): unknown;
  exit(code: number): unknown;
  readonly stdout: { readonly isTTY?: boolean; write(text: string): unknown };
}

/** Turns the first SIGINT or SIGTERM into a request to stop, and the second into the end of the process, exit code 130. */
export function stopOnSignals(source: SignalSource = process): AbortSignal {
  const stop = new AbortController();
  let first = 0;
  const onSignal = (): void => {
    const now = performance.now();
    if (!stop.signal.aborted) {
      first = now;
      stop.abort();
    } else if (now - first > SAME_PRESS) {
      if (source.stdout.isTTY) source.stdout.write("\x1b[?25h\x1b[?7h\n"); // the cursor back, and lines wrap again
      source.exit(130);
    }
  };
  source.on("SIGINT", onSignal);
  source.on("SIGTERM", onSignal);
  return stop.signal;
}
