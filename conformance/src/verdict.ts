import { TensorError } from "tapegrad";
import type { Comparison, Difference } from "./compare.ts";

/** One check of a case that did not hold. */
export interface Problem {
  /** What was checked: `out32`, `out64`, `grads64 args.0`, `error` ... */
  readonly check: string;
  readonly got: string;
  readonly want: string;
  /** The relative error, where numbers of the same form differ. */
  readonly error: number | null;
}

/** How a case ended. */
export type Status = "passed" | "failed" | "unsupported";

/** How near our float32 result and torch's are to the truth, in float32 ulps of the largest magnitude. */
export interface Precision {
  readonly ours: number;
  readonly torch: number;
}

/** What became of one case. */
export interface Outcome {
  readonly id: string;
  readonly status: Status;
  readonly problems: readonly Problem[];
  /** Why it is not supported, when it is not. */
  readonly reason: string | null;
  /** The largest relative error of each check that was made. */
  readonly errors: ReadonlyMap<string, number>;
  readonly precision: Precision | null;
}

/** Gathers what the checks of one case find. */
export class CaseRun {
  readonly #id: string;
  readonly #refusal: (error: unknown) => string | null;
  #problems: Problem[] = [];
  readonly #differences: Set<Difference> = new Set();
  readonly #errors: Map<string, number> = new Map();
  #reason: string | null = null;
  #checks = 0;
  /** Filled in by the float32 check. */
  precision: Precision | null = null;

  /**
   * @param refusal why an error of ours means that something is not supported; null when it does not
   */
  constructor(id: string, refusal: (error: unknown) => string | null = () => null) {
    this.#id = id;
    this.#refusal = refusal;
  }

  /** Makes one check. What it throws is a problem, unless it says that something is not supported here. */
  check(name: string, body: () => Comparison | null): void {
    try {
      const found = body();
      if (found === null) return;
      this.#checks++;
      const kind = name.split(" ")[0]!;
      this.#errors.set(kind, Math.max(this.#errors.get(kind) ?? 0, found.error));
      if (found.mismatch === null) return;
      const { got, want, difference } = found.mismatch;
      this.#differences.add(difference);
      this.#problems.push({ check: name, got, want, error: Number.isFinite(found.error) ? found.error : null });
    } catch (error) {
      const reason = unsupportedReason(error) ?? this.#refusal(error);
      if (reason !== null) this.unsupported(reason);
      else this.#add(name, firstLine(error), "no error");
    }
  }

  /** Whether something in the case has no counterpart here. */
  get isUnsupported(): boolean {
    return this.#reason !== null;
  }

  /** Says that the case, or part of it, has no counterpart here. */
  unsupported(reason: string): void {
    this.#reason ??= reason;
  }

  /** Takes back what was found where `reason` says why another result than torch's is as right. */
  excuse(reason: (differences: ReadonlySet<Difference>) => string | null): void {
    const found = this.#problems.length > 0 ? reason(this.#differences) : null;
    if (found === null) return;
    this.#problems = [];
    this.unsupported(found);
  }

  /** Adds a problem. */
  problem(check: string, got: string, want: string): void {
    this.#add(check, got, want);
  }

  #add(check: string, got: string, want: string): void {
    this.#differences.add("form");
    this.#problems.push({ check, got, want, error: null });
  }

  /** Counts a check that held. */
  held(): void {
    this.#checks++;
  }

  /** What became of the case: failed if anything did; a case in which nothing could be checked is not supported. */
  outcome(): Outcome {
    const reason = this.#reason ?? (this.#checks === 0 && this.#problems.length === 0 ? "nothing to check" : null);
    const status = this.#problems.length > 0 ? "failed" : reason !== null ? "unsupported" : "passed";
    const { precision } = this;
    return { id: this.#id, status, problems: this.#problems, reason, errors: this.#errors, precision };
  }
}

/** Why an error means that something is not supported here; null when it means something else. */
export function unsupportedReason(error: unknown): string | null {
  if (!(error instanceof TensorError)) return null;
  if (error.code === "unsupported") return firstLine(error).replace(/^conformance: /, "");
  return isUnknownOption(error) ? `${firstLine(error)} ${String(error.facts.option ?? "")}`.trim() : null;
}

/** Whether an error says that an option is not known here. */
export function isUnknownOption(error: unknown): error is TensorError {
  return error instanceof TensorError && error.code === "invalid_option" && /unknown option/.test(error.message);
}

/** What an error says first. */
export function firstLine(error: unknown): string {
  if (error instanceof TensorError) return error.message.split("\n", 1)[0]!;
  return error instanceof Error ? `${error.name}: ${error.message.split("\n", 1)[0]}` : String(error);
}
