import { type Form, parseTable } from "../signature.ts";
import { functionalTable } from "./functional.ts";
import { modulesTable } from "./modules.ts";
import { opsTable } from "./ops.ts";
import { optimTable, schedulersTable } from "./optim.ts";
import { distributionsTable, initTable, methodsTable } from "./others.ts";

/** One namespace of torch's: what its names begin with, where ours are, and how its members are called. */
interface Namespace {
  readonly prefix: string;
  readonly ours: string;
  readonly table: ReadonlyMap<string, readonly Form[]>;
}

/** The one table from torch's names to ours. The longest prefix that fits decides; the last one fits everything. */
const namespaces: readonly Namespace[] = [
  { prefix: "nn.functional.", ours: "nn.functional.", table: parseTable(functionalTable) },
  { prefix: "nn.init.", ours: "nn.init.", table: parseTable(initTable) },
  { prefix: "nn.", ours: "nn.", table: parseTable(modulesTable) },
  { prefix: "optim.lr_scheduler.", ours: "optim.", table: parseTable(schedulersTable) },
  { prefix: "optim.", ours: "optim.", table: parseTable(optimTable) },
  { prefix: "distributions.", ours: "distributions.", table: parseTable(distributionsTable) },
  { prefix: "Tensor.", ours: "Tensor.", table: parseTable(methodsTable) },
  { prefix: "", ours: "", table: parseTable(opsTable) },
];

/** What the table says of one of torch's names. */
export interface Entry {
  /** How it is called; empty: the table has no line for it. */
  readonly forms: readonly Form[];
  /** What stands before our name. */
  readonly namespace: string;
  /** Torch's name without its namespace. */
  readonly name: string;
}

/** Looks up a name of torch's, without the leading `torch.`: `sum`, `nn.functional.relu`, `optim.SGD`, `Tensor.view`. */
export function entryOf(path: string): Entry {
  const { prefix, ours, table } = namespaces.find((namespace) => path.startsWith(namespace.prefix))!;
  const name = path.slice(prefix.length);
  return { forms: table.get(name) ?? [], namespace: ours, name };
}
