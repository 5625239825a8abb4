import type { Carry } from "../callCase.ts";
import { runCall } from "../callCase.ts";
import { runError } from "../errorCase.ts";
import { evaluate, parseExpression } from "../expression.ts";
import type { FixtureFile } from "../fixture.ts";
import { scopeOf } from "../torchCall.ts";
import type { Outcome } from "../verdict.ts";

/** Runs a file of `ops/` or `functional/`: its call with the arguments of every case. */
export function runCalls(file: FixtureFile): Outcome[] {
  const expression = parseExpression(file.call);
  const carry: Carry = (record, reader) => evaluate(expression, scopeOf(reader.call(record)));
  return [
    ...file.cases.map((record) => runCall(file.name, record, carry)),
    ...(file.errors ?? []).map((record) => runError(record, carry)),
  ];
}
