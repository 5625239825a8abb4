import { type Carry, runCall } from "../callCase.ts";
import { construct } from "../construct.ts";
import { runError } from "../errorCase.ts";
import type { CaseRecord, FixtureFile, JsonObject } from "../fixture.ts";
import { functionAt } from "../library.ts";
import type { Reader } from "../reader.ts";
import { camelCase } from "../signature.ts";
import type { Outcome } from "../verdict.ts";

/** A distribution by name. */
interface Named {
  readonly dist: string;
  readonly kwargs: JsonObject;
}

/** A case of a distribution: one of its methods, or the divergence of two. */
interface DistributionCase extends CaseRecord {
  readonly method?: string | null;
  readonly p?: Named;
  readonly q?: Named;
}

/** Runs a file of `distributions/`. */
export function runDistributions(file: FixtureFile): Outcome[] {
  const carry: Carry = (record, reader) => {
    const { p, q, method, input, kwargs = {} } = record as DistributionCase;
    if (p && q) return functionAt("distributions.klDivergence")(named(p, "p", reader), named(q, "q", reader));
    const made = construct(`distributions.${file.name}`, [], reader.keywords(kwargs, "kwargs"));
    if (!method) return made;
    const found: unknown = Reflect.get(made as object, camelCase(method));
    const args = input === undefined ? [] : [reader.value(input, "input")];
    return typeof found === "function" ? Reflect.apply(found, made, args) : found;
  };
  return [
    ...file.cases.map((record) => runCall(file.name, record, carry)),
    ...(file.errors ?? []).map((record) => runError(record, carry)),
  ];
}

function named({ dist, kwargs }: Named, path: string, reader: Reader): unknown {
  return construct(`distributions.${dist}`, [], reader.keywords(kwargs, `kwargs.${path}`));
}
