import { enableGrad, isTensor, noGrad, recordFunction, type Tensor } from "@tapegrad/autograd";
import { checkOptions, fail } from "@tapegrad/tensor";
import { type OptimizerStateDict, packState, unpackState } from "./stateDict.ts";

/** Parameters that share settings; the settings given here override the optimizer's. */
export type ParamGroupInput<O> = { readonly params: Iterable<Tensor> | Tensor } & Partial<O>;

/** Parameters with the settings that hold for them now; schedulers change `lr`. */
export type ParamGroup<O> = { params: Tensor[]; initialLr?: number } & { -readonly [K in keyof O]-?: O[K] };

/** What an optimizer works on: parameters, or groups of them. */
export type Params<O> = Iterable<Tensor> | Iterable<ParamGroupInput<O>>;

/** What an optimizer keeps for one parameter: tensors, and how many steps were taken. */
export type ParamState = Record<string, Tensor | number>;

/** What the settings of every optimizer have in common. */
export interface BaseSettings {
  /** Learning rate. */
  readonly lr: number;
}

/**
 * Updates parameters by their gradients: groups, state and state dicts, which every optimizer shares (torch.optim.Optimizer).
 */
export abstract class Optimizer<O extends BaseSettings = BaseSettings> {
  static readonly name: string = "Optimizer";
  /** Settings of the groups that do not name their own. */
  readonly defaults: Required<O>;
  /** The parameters with their settings. */
  readonly paramGroups: ParamGroup<O>[] = [];
  /** What is kept for each parameter. */
  readonly state: Map<Tensor, ParamState> = new Map();

  /**
   * @param params   parameters, or groups `{ params, ...settings }`
   * @param settings the user's settings
   * @param defaults the optimizer's own
   * @throws TensorError `invalid_argument` for no parameters, one that is no leaf or appears twice; `invalid_option` for settings
   */
  constructor(params: Params<O>, settings: Partial<O>, defaults: Required<O>) {
    const where = new.target.name;
    checkOptions(where, settings, Object.keys(defaults));
    this.defaults = { ...defaults, ...settings };
    this.check(this.defaults);
    checkIterable(where, params);
    const items = [...(params as Iterable<Tensor | ParamGroupInput<O>>)];
    if (items.length === 0) fail("invalid_argument", where, "there are no parameters", {}, "pass model.parameters()");
    if (isTensor(items[0])) this.#add(items as Tensor[], {});
    else for (const group of items as ParamGroupInput<O>[]) this.addParamGroup(group);
  }

  /** Checks settings; `where` in its errors is the optimizer's name. */
  protected abstract check(settings: Required<O>): void;

  /** Updates one parameter, in place and unrecorded; `state` is empty at its first step. */
  protected abstract update(param: Tensor, grad: Tensor, state: ParamState, group: ParamGroup<O>): void;

  /** Whether `update` keeps no gradient, so that its memory may be used again. That of a subclass might. @defaultValue false */
  protected get borrows(): boolean {
    return false;
  }

  /** Adds parameters with settings of their own (torch.optim.Optimizer.add_param_group). */
  addParamGroup({ params, ...settings }: ParamGroupInput<O>): void {
    checkOptions(this.constructor.name, settings, Object.keys(this.defaults));
    this.#add(isTensor(params) ? [params] : [...params], settings);
  }

  #add(list: Tensor[], settings: object): void {
    const where = this.constructor.name;
    const known = new Set(this.paramGroups.flatMap((group) => group.params));
    for (const [i, param] of list.entries()) {
      if (!isTensor(param)) fail("invalid_argument", where, `parameter ${i} is not a tensor`, { found: typeof param });
      if (!param.isLeaf)
        fail(
          "invalid_argument",
          where,
          `parameter ${i} is not a leaf`,
          { shape: param.shape, gradFn: param.gradFn?.name },
          "only leaves can be optimized: detach() it, or optimize what it was computed from",
        );
      if (known.has(param)) fail("invalid_argument", where, `parameter ${i} appears twice`, { shape: param.shape });
      known.add(param);
    }
    const group = { ...this.defaults, ...settings, params: list } as ParamGroup<O>;
    this.check(group as unknown as Required<O>);
    this.paramGroups.push(group);
    for (const param of list) param.array.storage.moveIn(); // every step reads and writes it
  }

  /** Forgets gradients: null by default, or zeros (torch.optim.Optimizer.zero_grad). */
  zeroGrad({ setToNone = true }: { readonly setToNone?: boolean } = {}): void {
    for (const { params } of this.paramGroups) {
      for (const param of params) {
        if (setToNone || param.grad === null) param.grad = null;
        else param.grad = param.grad.detach().zero_();
      }
    }
  }

  /**
   * Updates every parameter that has a gradient.
   *
   * @param closure computes the loss anew, with gradients; its result is returned
   */
  step(): undefined;
  step(closure: () => Tensor): Tensor;
  step(closure?: () => Tensor): Tensor | undefined {
    const loss = closure && enableGrad(closure);
    recordFunction("optimizer.step", () => noGrad(() => this.#updateAll()));
    return loss;
  }

  #updateAll(): void {
    const { borrows } = this;
    for (const group of this.paramGroups) {
      for (const param of group.params) {
        const grad = borrows ? param.peekGrad() : param.grad;
        if (grad === null) continue;
        let state = this.state.get(param);
        if (state === undefined) {
          state = {};
          this.state.set(param, state);
        }
        this.update(param, grad, state, group);
        param.array.storage.version++;
      }
    }
  }

  /** State and settings as data, under torch's names (torch.optim.Optimizer.state_dict). The tensors are shared, not copied. */
  stateDict(): OptimizerStateDict {
    return packState(this.paramGroups, this.state);
  }

  /**
   * Takes over state and settings (torch.optim.Optimizer.load_state_dict). Tensors are copied.
   *
   * @throws TensorError `state_mismatch` when groups or shapes differ; nothing is changed then
   */
  loadStateDict(dict: OptimizerStateDict): void {
    const { groups, state } = unpackState(this.constructor.name, dict, this.paramGroups);
    for (const [i, group] of groups.entries()) Object.assign(this.paramGroups[i]!, group);
    this.state.clear();
    for (const [param, values] of state) this.state.set(param, values);
  }

  /** As torch prints it. */
  toString(): string {
    const groups = this.paramGroups.map((group, i) => {
      const names = Object.keys(group)
        .filter((name) => name !== "params")
        .sort();
      const lines = names.map((name) => `    ${name}: ${String(group[name as keyof typeof group])}`);
      return `Parameter Group ${i}\n${lines.join("\n")}\n`;
    });
    return `${this.constructor.name} (\n${groups.join("\n")})`;
  }
}

function checkIterable(where: string, params: Iterable<unknown>): void {
  if (isTensor(params))
    fail("invalid_argument", where, "parameters come as a list", { given: "a single tensor" }, "wrap it: [parameter]");
  if (params === null || params === undefined || typeof params[Symbol.iterator] !== "function") {
    fail("invalid_argument", where, "parameters come as a list", { given: typeof params }, "pass model.parameters()");
  }
}

/** Checks that a setting is at least 0. */
export function atLeastZero(where: string, settings: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(settings)) {
    if (!(value >= 0)) fail("invalid_option", where, `${name} must be at least 0`, { [name]: value });
  }
}
