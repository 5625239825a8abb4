import { checkOptions, fail } from "@tapegrad/tensor";
import { context, withContext } from "../context.ts";
import { type ProfileEvent, Profiler } from "./profiler.ts";
import { drawTable } from "./table.ts";

/** What one op took, all its calls together. */
export interface ProfileRow {
  readonly name: string;
  /** How often it was called outside of backward. */
  readonly calls: number;
  /** Milliseconds in these calls. */
  readonly forward: number;
  /** How often backward went through it. */
  readonly backwardCalls: number;
  /** Milliseconds that took, with all ops that compute the gradients. */
  readonly backward: number;
  /** Milliseconds, forward and backward. */
  readonly total: number;
  /** The part of the whole time, 0 to 1. */
  readonly share: number;
  /** Bytes of the arrays that were made. */
  readonly bytes: number;
}

/** What the stretches of one name took, which {@link recordFunction} or an optimizer named. */
export interface ProfileRegion {
  readonly name: string;
  readonly calls: number;
  /** Milliseconds, with everything that happened meanwhile. */
  readonly total: number;
  /** Milliseconds outside of ops and of regions within it. */
  readonly own: number;
}

/** What {@link Profile.table} takes. */
export interface ProfileTableOptions {
  /** What rows are sorted by, largest first. @defaultValue "total" */
  readonly sortBy?: "total" | "forward" | "backward" | "calls" | "bytes";
  /** The most rows that are shown. @defaultValue 20 */
  readonly rowLimit?: number;
}

/** Where a program's time went. Printed, it is its table. */
export class Profile<T = unknown> {
  /** What the profiled function returned. */
  readonly result: T;
  /** Everything that was measured, in the order in which it ended. */
  readonly events: readonly ProfileEvent[];
  /** Milliseconds, all in all. */
  readonly duration: number;

  constructor(result: T, events: readonly ProfileEvent[], duration: number) {
    this.result = result;
    this.events = events;
    this.duration = duration;
  }

  /** One row for each op, the slowest first. */
  rows(): ProfileRow[] {
    const rows = new Map<string, { -readonly [K in keyof ProfileRow]: ProfileRow[K] }>();
    const { within } = nesting(this.events);
    this.events.forEach(({ name, phase, duration, bytes }, i) => {
      if (phase === "region" || within[i]) return;
      let row = rows.get(name);
      if (row === undefined) {
        row = { name, calls: 0, forward: 0, backwardCalls: 0, backward: 0, total: 0, share: 0, bytes: 0 };
        rows.set(name, row);
      }
      if (phase === "forward") {
        row.calls++;
        row.forward += duration;
      } else {
        row.backwardCalls++;
        row.backward += duration;
      }
      row.total += duration;
      row.share = row.total / this.duration;
      row.bytes += bytes;
    });
    return [...rows.values()].sort((a, b) => b.total - a.total);
  }

  /** One row for each name of a region outside of ops, the one with the most time of its own first. */
  regions(): ProfileRegion[] {
    const regions = new Map<string, { -readonly [K in keyof ProfileRegion]: ProfileRegion[K] }>();
    const { within, own } = nesting(this.events);
    this.events.forEach(({ name, phase, duration }, i) => {
      if (phase !== "region" || within[i]) return;
      const region = regions.get(name) ?? { name, calls: 0, total: 0, own: 0 };
      regions.set(name, region);
      region.calls++;
      region.total += duration;
      region.own += own[i]!;
    });
    return [...regions.values()].sort((a, b) => b.own - a.own);
  }

  /** The rows as text, with what the program spent outside of ops as the last, and the regions' part in it. */
  table(options: ProfileTableOptions = {}): string {
    checkOptions("table", options, ["sortBy", "rowLimit"]);
    const { sortBy = "total", rowLimit = 20 } = options;
    if (!(rowLimit >= 1)) fail("invalid_option", "table", "rowLimit must be at least 1", { rowLimit });
    const rows = this.rows().sort((a, b) => b[sortBy] - a[sortBy]);
    return drawTable(rows, this.regions(), rowLimit, this.duration);
  }

  /**
   * The events as JSON in the Trace Event Format, which chrome://tracing, Perfetto and speedscope open.
   *
   * @see torch.profiler's export_chrome_trace
   */
  chromeTrace(): string {
    const traceEvents = this.events.map(({ name, phase, start, duration, bytes, shapes }) => ({
      name: phase === "backward" ? `${name} (backward)` : name,
      cat: phase,
      ph: "X",
      ts: start * 1000,
      dur: duration * 1000,
      pid: 1,
      tid: 1,
      args: { shapes: shapes.map((shape) => `[${shape.join(", ")}]`).join(" "), bytes },
    }));
    return JSON.stringify({ traceEvents, displayTimeUnit: "ms" });
  }

  toString(): string {
    return this.table();
  }

  static {
    // what Node's console prints
    Object.defineProperty(Profile.prototype, Symbol.for("nodejs.util.inspect.custom"), {
      value(this: Profile) {
        return this.toString();
      },
    });
  }
}

/** For each event, whether it lies within an op or a step of backward (regions do not count), and how long it took without those within it. */
function nesting(events: readonly ProfileEvent[]): { readonly within: readonly boolean[]; readonly own: number[] } {
  const within = new Array<boolean>(events.length).fill(false);
  const own = events.map(({ duration }) => duration);
  // what lies within another event ended before it: going backwards, the enclosing ones come first
  const open: number[] = [];
  for (let i = events.length - 1; i >= 0; i--) {
    const { depth, duration } = events[i]!;
    while (open.length > 0 && events[open.at(-1)!]!.depth >= depth) open.pop();
    within[i] = open.some((at) => events[at]!.phase !== "region");
    const parent = open.at(-1);
    if (parent !== undefined) own[parent]! -= duration;
    open.push(i);
  }
  return { within, own };
}

/**
 * Runs a function and measures what its ops take, forward and backward (torch.profiler.profile).
 *
 * Measuring costs about a microsecond an op. Kernels share their work among threads as ever.
 *
 * @param body a synchronous function
 * @throws TensorError `invalid_argument` where it is asynchronous
 */
export function profile<T>(body: () => T): Profile<T> {
  const watcher = new Profiler();
  const result = withContext("profile", { watcher }, body);
  return new Profile(result, watcher.events, watcher.elapsed);
}

/** Runs a function; what it takes shows in a profile's trace under `name` (torch.profiler.record_function). */
export function recordFunction<T>(name: string, body: () => T): T {
  const { watcher } = context;
  return watcher === null ? body() : watcher.measure(name, "region", [], body);
}
