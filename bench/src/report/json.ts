import type { HostFacts } from "../hostFacts.ts";
import { bestPeer, type Outcome, type Row } from "../rounds.ts";
import { isPeer, ONE_THREAD } from "../sides/sides.ts";

/** Why a side has no time on a line, or what is to be known about it. */
function remarks(row: Row): Record<string, string> {
  const told = Object.entries(row.others).flatMap(([name, one]) => {
    const text = "cannot" in one ? one.cannot : one.note;
    return text === null ? [] : [[name, text] as const];
  });
  return Object.fromEntries("cannot" in row.ours ? [["ours", row.ours.cannot] as const, ...told] : told);
}

const timeOf = (one: Outcome | undefined): number | null =>
  one !== undefined && "timing" in one ? one.timing.median : null;

function lineOf(row: Row): object {
  const { ours, others, rate } = row;
  const torch = others.torch;
  const best = bestPeer(row);
  const peers = Object.entries(others).filter(([name]) => isPeer(name));
  const alone = others[ONE_THREAD];
  return {
    ours: "cannot" in ours ? null : ours.median,
    torch: timeOf(torch),
    peers: Object.fromEntries(peers.map(([name, one]) => [name, timeOf(one)])),
    ratioTorch: torch !== undefined && "timing" in torch ? torch.ratio : null,
    ratioBestPeer: best?.ratio ?? null,
    fasterThanBestPeer: best === null ? null : 1 / best.ratio,
    ...(alone === undefined
      ? {}
      : { oneThread: timeOf(alone), ratioOneThread: "timing" in alone ? alone.ratio : null }),
    spread: "cannot" in ours ? null : ours.spread,
    gflops: rate === null ? null : rate.reached / 1e9,
    limitGflops: rate === null ? null : rate.limit / 1e9,
    equal: row.differences.length === 0,
    remarks: remarks(row),
  };
}

/** The rows as data. Times are medians in milliseconds, ratios are our time over theirs. */
export function asJson(rows: readonly Row[], host: HostFacts): object {
  return {
    units: "times: milliseconds a unit; ratios: our time over theirs, the median of the rounds' ratios",
    host,
    lines: Object.fromEntries(rows.map((row) => [row.name, lineOf(row)])),
  };
}
