import { fail } from "../errors.ts";
import { checkOptions } from "../options.ts";

/** How arrays are printed. */
export interface PrintOptions {
  /** Decimals of floating-point numbers. */
  readonly precision: number;
  /** Arrays with more elements than this are summarised. */
  readonly threshold: number;
  /** Elements shown at each end of a summarised dimension. */
  readonly edgeitems: number;
  /** Characters on a line. */
  readonly linewidth: number;
  /** Scientific notation always (true), never (false), or where the numbers call for it (null). */
  readonly sciMode: boolean | null;
}

/** Changes to the {@link PrintOptions}. */
export type PrintOptionChanges = { readonly [K in keyof PrintOptions]?: PrintOptions[K] | undefined } & {
  /** A set of options to start from: `"default"` 4 decimals, `"short"` 2 decimals and 2 edge items, `"full"` no summary. */
  readonly profile?: keyof typeof profiles | undefined;
};

const profiles: Readonly<Record<"default" | "short" | "full", Omit<PrintOptions, "sciMode">>> = {
  default: { precision: 4, threshold: 1000, edgeitems: 3, linewidth: 80 },
  short: { precision: 2, threshold: 1000, edgeitems: 2, linewidth: 80 },
  full: { precision: 4, threshold: Number.POSITIVE_INFINITY, edgeitems: 3, linewidth: 80 },
};

/** No double has as many; more would only cost time. */
const MOST_DECIMALS = 10_000;

let current: PrintOptions = { ...profiles.default, sciMode: null };

/** The options in force; handing them to {@link setPrintOptions} restores them (torch.get_printoptions). */
export function getPrintOptions(): PrintOptions {
  return current;
}

/**
 * Changes how arrays and tensors are printed, for the whole program (torch.set_printoptions).
 *
 * What is not named stays as it is, except `sciMode`, which returns to null, as in torch. Named options win over the profile.
 *
 * @throws TensorError `invalid_option`
 */
export function setPrintOptions(changes: PrintOptionChanges): void {
  checkOptions("setPrintOptions", changes, ["profile", "precision", "threshold", "edgeitems", "linewidth", "sciMode"]);
  const { profile, precision, threshold, edgeitems, linewidth, sciMode = null } = changes;
  if (profile !== undefined && !Object.hasOwn(profiles, profile)) {
    fail(
      "invalid_option",
      "setPrintOptions",
      "unknown profile",
      { profile },
      `one of ${Object.keys(profiles).join(", ")}`,
    );
  }
  if (sciMode !== null && typeof sciMode !== "boolean") {
    fail("invalid_option", "setPrintOptions", "sciMode must be true, false or null", { sciMode });
  }
  const base = profile === undefined ? current : profiles[profile];
  current = {
    precision: count("precision", precision ?? base.precision, MOST_DECIMALS),
    threshold: number("threshold", threshold ?? base.threshold),
    edgeitems: count("edgeitems", edgeitems ?? base.edgeitems, Number.MAX_SAFE_INTEGER),
    linewidth: number("linewidth", linewidth ?? base.linewidth),
    sciMode,
  };
}

function count(name: string, value: number, most: number): number {
  if (!Number.isInteger(value) || value < 0 || value > most) {
    fail("invalid_option", "setPrintOptions", `${name} must be a whole number from 0 to ${most}`, { [name]: value });
  }
  return value;
}

function number(name: string, value: number): number {
  if (typeof value !== "number" || Number.isNaN(value)) {
    fail("invalid_option", "setPrintOptions", `${name} must be a number`, { [name]: value });
  }
  return value;
}
