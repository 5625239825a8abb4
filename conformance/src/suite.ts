import { type CallRecord, type FixtureFile, type FixturePath, listFixtures, readFixture } from "./fixture.ts";
import { runCalls } from "./runners/calls.ts";
import { runDistributions } from "./runners/distributions.ts";
import { runModules } from "./runners/modules.ts";
import { runOptim } from "./runners/optim.ts";
import { runRandom } from "./runners/random.ts";
import { runSchedulers } from "./runners/schedulers.ts";
import type { Outcome } from "./verdict.ts";

/** What became of the cases of one file. */
export interface FileResult {
  readonly folder: string;
  readonly name: string;
  readonly outcomes: readonly Outcome[];
  /** The options that its cases set, in torch's spelling. */
  readonly options: readonly string[];
  /** How long it took. */
  readonly seconds: number;
}

const runners: Readonly<Record<string, (file: FixtureFile) => Outcome[]>> = {
  ops: runCalls,
  functional: runCalls,
  modules: runModules,
  optim: runOptim,
  schedulers: runSchedulers,
  distributions: runDistributions,
  random: runRandom,
};

/** Runs one file of fixtures. */
export function runFile(file: FixtureFile): Outcome[] {
  return runners[file.folder]!(file);
}

/**
 * Runs the fixtures of a directory.
 *
 * @param only files to run: what `folder/name` must match
 * @param done called after each file
 */
export function runSuite(directory: string, only: RegExp | null, done?: (result: FileResult) => void): FileResult[] {
  const wanted = ({ folder, name }: FixturePath): boolean => only === null || only.test(`${folder}/${name}`);
  return listFixtures(directory)
    .filter(wanted)
    .map((path) => {
      const start = performance.now();
      const file = readFixture(path);
      const outcomes = runFile(file);
      const seconds = (performance.now() - start) / 1000;
      const result = { folder: path.folder, name: path.name, outcomes, options: optionsOf(file), seconds };
      done?.(result);
      return result;
    });
}

/** The keyword arguments of a file's calls, or of its constructor calls. */
function optionsOf({ cases }: FixtureFile): string[] {
  const names = cases.flatMap(({ kwargs, ctor }) =>
    Object.keys({ ...kwargs, ...(ctor as CallRecord | undefined)?.kwargs }),
  );
  return [...new Set(names)].sort();
}
