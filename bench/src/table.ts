import type { Timing } from "./measure.ts";

/** One measured line. */
export interface Row {
  readonly name: string;
  readonly ours: Timing;
  readonly torch: Timing | null;
  /** The median of the ratios of alternating runs. */
  readonly ratioTorch: number | null;
  readonly flops: number | null;
}

/** Milliseconds as a reader wants them. */
export function duration(milliseconds: number): string {
  if (milliseconds >= 1) return `${milliseconds.toFixed(milliseconds >= 100 ? 0 : 2)} ms`;
  if (milliseconds >= 1e-3) return `${(milliseconds * 1e3).toFixed(milliseconds >= 0.1 ? 0 : 2)} us`;
  return `${(milliseconds * 1e6).toFixed(0)} ns`;
}

/** The table as text. */
export function table(rows: readonly Row[]): string {
  const percent = ({ spread }: Timing): string => `±${(100 * spread).toFixed(0)} %`;
  const cells = rows.map(({ name, ours, torch, ratioTorch, flops }) => [
    name,
    duration(ours.median),
    percent(ours),
    torch === null ? "-" : duration(torch.median),
    torch === null ? "" : percent(torch),
    ratioTorch === null ? "-" : ratioTorch.toFixed(2),
    flops === null ? "" : `${(flops / ours.median / 1e6).toFixed(0)} GFLOP/s`,
  ]);
  const all = [["", "tapegrad", "", "PyTorch", "", "time / PyTorch", "rate"], ...cells];
  const widths = all[0]!.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  return all
    .map((row) =>
      row
        .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** The rows as data: times in milliseconds. */
export function asJson(rows: readonly Row[]): object {
  return {
    lines: Object.fromEntries(
      rows.map(({ name, ours, torch, ratioTorch }) => [
        name,
        { ours: ours.median, torch: torch?.median ?? null, peers: {}, ratioTorch, ratioBestPeer: null },
      ]),
    ),
  };
}
