import type { HostFacts } from "../hostFacts.ts";
import type { MemoryRow, Peaks } from "../memory.ts";
import type { Table } from "./table.ts";

type Answer = MemoryRow["torch"];

const peaks = (one: Answer): Peaks | null => (one === null || "cannot" in one ? null : one);
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;

/** Our peak over PyTorch's; null where there is none. */
function ratioOf({ ours, torch }: MemoryRow): number | null {
  const [mine, theirs] = [peaks(ours), peaks(torch)];
  return mine === null || theirs === null ? null : mine.all / theirs.all;
}

/** The peaks as cells: after half of the steps, after all of them, and ours over PyTorch's. */
export function memoryTable(rows: readonly MemoryRow[]): Table {
  const notes: string[] = [];
  const cellsOf = (title: string, one: Answer): [string, string] => {
    if (one === null) return ["-", "-"];
    if (!("cannot" in one)) return [megabytes(one.half), megabytes(one.all)];
    const text = `${title}: ${one.cannot}`;
    if (!notes.includes(text)) notes.push(text);
    return [`- [${notes.indexOf(text) + 1}]`, "-"];
  };
  const body = rows.map((row) => [
    row.name,
    ...cellsOf("tapegrad", row.ours),
    ...cellsOf("PyTorch", row.torch),
    ratioOf(row)?.toFixed(2) ?? "-",
  ]);
  return { head: ["", "tapegrad, half", "all steps", "PyTorch, half", "all steps", "/ PyTorch"], body, notes };
}

/** The peaks as data, in bytes. */
export function memoryJson(rows: readonly MemoryRow[], steps: number, host: HostFacts): object {
  return {
    units: "bytes: the most memory resident in the process, after half of the steps and after all",
    host,
    steps,
    memory: Object.fromEntries(
      rows.map((row) => [row.name, { ours: row.ours, torch: row.torch, ratioTorch: ratioOf(row) }]),
    ),
  };
}
