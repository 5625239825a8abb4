import { arange, manualSeed, nn, noGrad, optim, randn, setPrintOptions, TensorError, tensor, zeros } from "tapegrad";

/** Tensors, and errors about them, as users see them. */
export function printTensors(): Record<string, string> {
  manualSeed(3);
  const weight = randn([3, 4], { requiresGrad: true });
  const summarised = String(randn(40, 50));
  setPrintOptions({ precision: 2, sciMode: true });
  const precise = String(tensor([1234.5, -0.001, Number.NaN, Number.POSITIVE_INFINITY]));
  setPrintOptions({ profile: "default" });
  return {
    leaf: String(weight),
    result: String(weight.mul(2).sum()),
    detached: String(noGrad(() => weight.exp())),
    "wide range": String(tensor([1e-8, 1, 1e8])),
    extremes: String(tensor([Number.NaN, Number.NEGATIVE_INFINITY, -0, 1.5])),
    integers: String(arange(12).reshape([3, 4])),
    booleans: String(tensor([[true, false]])),
    double: String(tensor([0.1, 0.2], { dtype: "float64" })),
    empty: String(zeros(0, 3)),
    summarised,
    precise,
    error: messageOf(() => weight.matmul(zeros(5, 2))),
  };
}

/** What is called by the name of its class, as users see it. */
export function printModels(): Record<string, string> {
  const model = new nn.Sequential(new nn.Linear(4, 3), new nn.ReLU(), new nn.Linear(3, 1, { bias: false }));
  return {
    model: String(model),
    optimizer: String(new optim.AdamW(model.parameters(), { lr: 0.01 })),
    error: messageOf(() => new optim.AdamW(model.parameters(), { lr: -1 })),
    mismatch: messageOf(() => model.loadStateDict({})),
  };
}

/** What the classes of nn and optim call themselves, by the names under which they are exported. */
export function classNames(): Record<string, string> {
  const classes = Object.entries({ ...nn, ...optim }).filter(
    ([name, value]) => /^[A-Z]/.test(name) && typeof value === "function",
  );
  return Object.fromEntries(classes.map(([name, value]) => [name, (value as { readonly name: string }).name]));
}

/** The message of the TensorError that `action` ends with. */
export function messageOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return error instanceof TensorError ? `${error.code}\n${error}` : `not a TensorError: ${error}`;
  }
  return "no error";
}
