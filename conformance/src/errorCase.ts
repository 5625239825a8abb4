import { TensorError } from "tapegrad";
import type { Carry } from "./callCase.ts";
import { compare } from "./compare.ts";
import type { CaseRecord } from "./fixture.ts";
import { acceptedHere } from "./limits.ts";
import { Reader } from "./reader.ts";
import { float32Tolerance } from "./tolerance.ts";
import { CaseRun, firstLine, isUnknownOption, type Outcome, unsupportedReason } from "./verdict.ts";

/** Runs one case of an error: a TensorError must be thrown where torch raises one, and none where it does not. */
export function runError(record: CaseRecord, carry: Carry): Outcome {
  const run = new CaseRun(record.id);
  const { error, message, out32 } = record;
  const wanted = error === null || error === undefined ? null : `${error}: ${String(message).split("\n", 1)[0]}`;
  let got: unknown;
  let thrown: unknown = null;
  try {
    got = carry(record, new Reader(false));
  } catch (caught) {
    thrown = caught;
  }
  if (thrown === null) {
    if (wanted === null) {
      run.held();
      if (out32 !== undefined) run.check("out32", () => compare(got, { value: out32 }, float32Tolerance(undefined)));
    } else if (acceptedHere(record)) run.unsupported(acceptedHere(record)!);
    else run.problem("error", "no error", wanted);
  } else if (isUnsupported(thrown, error)) run.unsupported(unsupportedReason(thrown)!);
  else if (wanted === null) run.problem("error", firstLine(thrown), "no error");
  else if (thrown instanceof TensorError) run.held();
  else run.problem("error", firstLine(thrown), `a TensorError for ${wanted}`);
  return run.outcome();
}

/** An option that we do not know is right where torch does not know it either, and gives a TypeError. */
function isUnsupported(thrown: unknown, error: string | null | undefined): boolean {
  return unsupportedReason(thrown) !== null && !(isUnknownOption(thrown) && error === "TypeError");
}
