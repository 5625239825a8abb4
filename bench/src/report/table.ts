import { bestPeer, type Outcome, type Row } from "../rounds.ts";
import { ONE_THREAD, titles } from "../sides/sides.ts";
import type { Timing } from "../statistics.ts";

/** A table of cells, and what its marks `[1]`, `[2]` ... refer to. */
export interface Table {
  readonly head: readonly string[];
  readonly body: readonly (readonly string[])[];
  readonly notes: readonly string[];
}

/** Milliseconds as a reader wants them. */
export function duration(milliseconds: number): string {
  if (milliseconds >= 1) return `${milliseconds.toFixed(milliseconds >= 100 ? 0 : 2)} ms`;
  if (milliseconds >= 1e-3) return `${(milliseconds * 1e3).toFixed(milliseconds >= 0.1 ? 0 : 2)} us`;
  return `${(milliseconds * 1e6).toFixed(0)} ns`;
}

const ratio = (value: number): string => value.toFixed(value < 0.1 ? 3 : 2);
const timing = ({ median, spread }: Timing): string => `${duration(median)} ±${(100 * spread).toFixed(0)} %`;
const NONE = "-";

/** The rows as cells: a column for each side, and the ratios. `names`: the other sides, in order. */
export function tableOf(rows: readonly Row[], names: readonly string[]): Table {
  const threaded = names.includes(ONE_THREAD);
  const notes: string[] = [];
  const mark = (text: string): string => {
    if (!notes.includes(text)) notes.push(text);
    return `[${notes.indexOf(text) + 1}]`;
  };
  const cellOf = (name: string, one: Outcome | undefined): string => {
    if (one === undefined) return NONE;
    const title = titles[name] ?? name;
    if ("cannot" in one) return `${NONE} ${mark(`${title}: ${one.cannot}`)}`;
    return one.note === null ? timing(one.timing) : `${timing(one.timing)} ${mark(`${title}: ${one.note}`)}`;
  };
  const body = rows.map((row) => [
    row.name,
    "cannot" in row.ours ? `fails ${mark(`${titles.ours}: ${row.ours.cannot}`)}` : timing(row.ours),
    ...names.map((name) => cellOf(name, row.others[name])),
    ...ratiosOf(row),
    ...(threaded ? [speedup(row.others[ONE_THREAD])] : []),
    row.rate === null ? "" : `${((100 * row.rate.reached) / row.rate.limit).toFixed(0)} %`,
  ]);
  const ratios = ["/ PyTorch", "/ best peer", ...(threaded ? ["by threads"] : [])];
  const head = ["", titles.ours!, ...names.map((name) => titles[name] ?? name), ...ratios, "of limit"];
  return { head, body, notes };
}

/** Our time over that of PyTorch and of the best peer, this one also the other way round. */
function ratiosOf(row: Row): [torch: string, peer: string] {
  const torch = row.others.torch;
  const best = bestPeer(row);
  return [
    torch !== undefined && "timing" in torch ? ratio(torch.ratio) : NONE,
    best === null ? NONE : `${ratio(best.ratio)} (${(1 / best.ratio).toFixed(1)} x)`,
  ];
}

/** How many times faster we are than ourselves on one thread. */
function speedup(alone: Outcome | undefined): string {
  return alone !== undefined && "timing" in alone ? `${(1 / alone.ratio).toFixed(2)} x` : NONE;
}

/** A table as aligned text. */
export function asText({ head, body, notes }: Table): string {
  const all = [head, ...body];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  const lines = all.map((row) =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join("  ")
      .trimEnd(),
  );
  return [...lines, ...(notes.length > 0 ? [""] : []), ...notes.map((note, i) => `[${i + 1}] ${note}`)].join("\n");
}
