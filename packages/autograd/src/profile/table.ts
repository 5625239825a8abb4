import type { ProfileRegion, ProfileRow } from "./profile.ts";

const time = (ms: number): string =>
  ms >= 1000 ? `${(ms / 1000).toFixed(3)} s` : ms >= 1 ? `${ms.toFixed(3)} ms` : `${(1000 * ms).toFixed(1)} us`;

const units = ["B", "KB", "MB", "GB", "TB"];

function size(bytes: number): string {
  let unit = 0;
  let value = bytes;
  for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024;
  return `${unit === 0 ? value : value.toFixed(2)} ${units[unit]}`;
}

const heads = ["op", "calls", "forward", "backward", "total", "average", "share", "bytes"];

function cells({ name, calls, backwardCalls, forward, backward, total, share, bytes }: ProfileRow): string[] {
  const average = time(total / Math.max(1, calls, backwardCalls));
  const percent = `${(100 * share).toFixed(1)} %`;
  return [
    name,
    String(Math.max(calls, backwardCalls)),
    time(forward),
    time(backward),
    time(total),
    average,
    percent,
    size(bytes),
  ];
}

/** Rows under their heads, the first column to the left and the others to the right, and what is left of `duration`. */
export function drawTable(
  rows: readonly ProfileRow[],
  regions: readonly ProfileRegion[],
  limit: number,
  duration: number,
): string {
  const shown = rows.slice(0, limit);
  const measured = rows.reduce((sum, { total }) => sum + total, 0);
  const hidden = rows.slice(limit);
  const more = hidden.reduce((sum, { total }) => sum + total, 0);
  const rest = (what: string, calls: string, ms: number): string[] => [
    ...[what, calls, "", "", time(ms), ""],
    ...[`${((100 * ms) / duration).toFixed(1)} %`, ""],
  ];
  const lines = [
    heads,
    ...shown.map(cells),
    ...(hidden.length > 0 ? [rest(`others (${hidden.length})`, "", more)] : []),
    rest("outside of ops", "", Math.max(0, duration - measured)),
    ...regions.map(({ name, calls, own }) => rest(`  in ${name}`, String(calls), own)),
  ];
  const widths = heads.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  const text = lines.map((line) =>
    line
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)))
      .join("  ")
      .trimEnd(),
  );
  const rule = "-".repeat(widths.reduce((sum, width) => sum + width + 2, -2));
  return [text[0], rule, ...text.slice(1), rule, `${time(duration)} in all`].join("\n");
}
