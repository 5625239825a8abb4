import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { type Config, defaults, modelKinds } from "./config.ts";
import { refuse } from "./problem.ts";

/** What the command line asks for. */
export interface Settings {
  /** The settings that were typed; the others are at their defaults, or those of the run that is resumed. */
  readonly typed: Partial<Config>;
  /** Where the digits are. */
  readonly data: string;
  /** The folder for the results. */
  readonly out: string;
  /** The checkpoint to go on from. */
  readonly resume: string | null;
  /** Print the result only. */
  readonly quiet: boolean;
  /** Flags for a command that goes on with this run: those that a checkpoint does not hold. */
  readonly places: readonly string[];
}

/** How the command is started. */
export const PROGRAM = "npx -y pnpm@10 start";

/** The data that come with the example. */
const ownData = fileURLToPath(new URL("../data/digits.csv", import.meta.url));

const about = `Trains a small net on 1,797 handwritten digits and shows what it has learned.
The first 80 % of the digits are for training, the last 20 % for the test.`;

const more = `
Results, in the folder given by --out:
  report.html             curves, confusion matrix, misread digits, autograd graph: one page that needs no network
  model.safetensors       the trained weights under PyTorch's names
  metrics.jsonl           a line an epoch: epoch, trainLoss, testLoss, testAccuracy, learningRate, seconds
  checkpoint.safetensors  only after Ctrl-C: everything that --resume needs

Ctrl-C finishes the batch, saves a checkpoint and ends with exit code 130; a second Ctrl-C ends at once.
--resume takes the settings from the checkpoint and goes on to the numbers of an unbroken run, bit for bit. Settings
given beside it must be those of the checkpoint: --epochs too, because the learning rate falls over all epochs.

Exit codes: 0 done, 2 something is wrong with what was given, 130 interrupted.

Examples:
  ${PROGRAM} --epochs 5 --seed 1
  ${PROGRAM} --model mlp --lr 0.003 --out runs/mlp
  ${PROGRAM} --resume out/digits/checkpoint.safetensors
`;

/**
 * Reads the command line.
 *
 * @param args   without the program's name
 * @param folder what relative paths start from
 * @param print  shows the help
 * @returns null when only help was asked for
 * @throws Problem for anything that is not understood
 */
export function readArguments(args: readonly string[], folder: string, print: (text: string) => void): Settings | null {
  const command = new Command(PROGRAM)
    .description(about)
    .addOption(new Option("--model <kind>", "what to train").choices(modelKinds).default(defaults.model))
    .option("--epochs <n>", "how often to go through the training digits", whole(1), defaults.epochs)
    .option("--batch-size <n>", "digits in a step", whole(1), defaults.batchSize)
    .option("--lr <rate>", "learning rate at the start", rate, defaults.lr)
    .option("--seed <n>", "where all random numbers start from", whole(0), defaults.seed)
    .addOption(
      new Option("--data <file>", "a CSV file of 64 pixels (0..16) and a label (0..9) a line").default(
        ownData,
        "the digits that come with it",
      ),
    )
    .option("--out <folder>", "where to put the results", join("out", "digits"))
    .option("--resume <file>", "go on from a checkpoint")
    .option("--quiet", "print the result only")
    .helpOption("--help", "show this")
    .addHelpText("after", more)
    .configureOutput({ writeOut: print, writeErr: () => {}, getOutHelpWidth: () => 100 })
    .showSuggestionAfterError(true)
    .exitOverride();
  try {
    // pnpm hands the "--" of `pnpm start -- --quiet` on
    command.parse(args[0] === "--" ? args.slice(1) : [...args], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return null;
    const [problem, nearest] = error.message.replace(/^error: /, "").split("\n");
    return refuse(problem!.replace(/\.$/, ""), [], nearest?.replace(/^\((.*)\)$/, "$1") ?? "--help lists all flags");
  }
  const { data, out, resume = null, quiet = false, ...config } = command.opts<Config & Flags>();
  const isTyped = (name: string): boolean => command.getOptionValueSource(name) === "cli";
  return {
    typed: Object.fromEntries(Object.entries(config).filter(([name]) => isTyped(name))),
    data: resolve(folder, data),
    out: resolve(folder, out),
    resume: resume === null ? null : resolve(folder, resume),
    quiet,
    places: [...(isTyped("data") ? ["--data", data] : []), ...(isTyped("out") ? ["--out", out] : [])],
  };
}

interface Flags {
  readonly data: string;
  readonly out: string;
  readonly resume?: string;
  readonly quiet?: boolean;
}

function whole(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || !Number.isSafeInteger(value)) {
      throw new InvalidArgumentError(`It must be a whole number of at least ${least}.`);
    }
    return value;
  };
}

function rate(text: string): number {
  const value = Number(text);
  if (!/^(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) || !(value > 0 && value <= 1)) {
    throw new InvalidArgumentError("It must be a number above 0 and at most 1.");
  }
  return value;
}
