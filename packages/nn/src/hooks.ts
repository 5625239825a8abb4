import { type HookHandle, Tensor } from "@tapegrad/autograd";
import { fail } from "@tapegrad/tensor";

/** Sees a module's arguments before `forward`, and may return others. */
export type ForwardPreHook<M, Args> = (module: M, args: Args) => Args | null | undefined;

/** Sees a module's arguments and result after `forward`, and may return another result. */
export type ForwardHook<M, Args, Out> = (module: M, args: Args, output: Out) => Out | null | undefined;

/** Gradients by position; null where a value carries none. */
export type Gradients = readonly (Tensor | null)[];

/** Sees the gradients that reach a module's results, before they go through it, and may return others. */
export type BackwardPreHook<M> = (module: M, gradOutput: Gradients) => Gradients | null | undefined;

/** Sees the gradients that leave a module for its arguments, with those that reached it, and may return others for the arguments. */
export type BackwardHook<M> = (module: M, gradInput: Gradients, gradOutput: Gradients) => Gradients | null | undefined;

/** Options of the functions that register hooks. */
export interface HookOptions {
  /** Run it before the hooks that are there already. @defaultValue false */
  readonly prepend?: boolean;
}

/** Any of these hooks. */
type AnyHook = (...args: never[]) => unknown;

/** The hooks of one module. */
export class ModuleHooks {
  static readonly name: string = "ModuleHooks";
  readonly forwardPre: AnyHook[] = [];
  readonly forward: AnyHook[] = [];
  readonly backwardPre: AnyHook[] = [];
  readonly backward: AnyHook[] = [];

  /** Calls `forward` with the hooks around it. */
  run<M, Args extends readonly unknown[], Out>(module: M, given: Args, forward: (...args: Args) => Out): Out {
    let args = given;
    for (const hook of [...this.forwardPre] as ForwardPreHook<M, Args>[]) args = hook(module, args) ?? args;
    const watched = this.backward.length + this.backwardPre.length > 0;
    const before = [...this.backwardPre] as BackwardPreHook<M>[];
    const watch = watched ? new BackwardWatch(module, before, [...this.backward] as BackwardHook<M>[]) : null;
    if (watch) args = watch.arguments(args);
    let output = forward(...args);
    for (const hook of [...this.forward] as ForwardHook<M, Args, Out>[]) output = hook(module, args, output) ?? output;
    return watch ? watch.result(output) : output;
  }
}

/** Puts a hook into a list, and gives the handle that takes it out. */
export function addHook(hooks: AnyHook[], hook: AnyHook, { prepend = false }: HookOptions = {}): HookHandle {
  if (prepend) hooks.unshift(hook);
  else hooks.push(hook);
  return {
    remove: () => {
      const at = hooks.indexOf(hook);
      if (at >= 0) hooks.splice(at, 1);
    },
  };
}

/** Follows the gradients of one call through a module, by hooks on views of its arguments and results. */
class BackwardWatch<M> {
  readonly #module: M;
  readonly #before: readonly BackwardPreHook<M>[];
  readonly #after: readonly BackwardHook<M>[];
  /** Places of the arguments that carry gradients. */
  readonly #inputs: number[] = [];
  readonly #gradInput: (Tensor | null)[] = [];
  readonly #gradOutput: (Tensor | null)[] = [];

  constructor(module: M, before: readonly BackwardPreHook<M>[], after: readonly BackwardHook<M>[]) {
    this.#module = module;
    this.#before = before;
    this.#after = after;
  }

  /** The arguments, tensors among them as views whose gradients are this module's alone. */
  arguments<Args extends readonly unknown[]>(args: Args): Args {
    return args.map((arg, at) => {
      this.#gradInput.push(null);
      if (!(arg instanceof Tensor && arg.requiresGrad)) return arg;
      this.#inputs.push(at);
      const own = arg.view(arg.shape);
      if (own.requiresGrad) own.registerHook((grad) => this.#leaving(at, grad));
      return own;
    }) as unknown as Args;
  }

  /** The result, tensors in it as views that tell when their gradients arrive. */
  result<Out>(output: Out): Out {
    const one = !Array.isArray(output);
    const watched = (one ? [output] : (output as unknown[])).map((value, at) => {
      this.#gradOutput.push(null);
      if (!(value instanceof Tensor && value.requiresGrad)) return value;
      const own = value.view(value.shape);
      if (own.requiresGrad) own.registerHook((grad) => this.#arriving(at, grad));
      return own;
    });
    return (one ? watched[0] : watched) as Out;
  }

  #arriving(at: number, grad: Tensor): Tensor {
    this.#gradOutput[at] = grad;
    for (const hook of this.#before) {
      const replaced = hook(this.#module, [...this.#gradOutput]);
      if (replaced) this.#gradOutput.splice(0, this.#gradOutput.length, ...replaced);
    }
    if (this.#inputs.length === 0) this.#finish();
    return this.#gradOutput[at] ?? grad;
  }

  #leaving(at: number, grad: Tensor): Tensor {
    this.#gradInput[at] = grad;
    if (!this.#inputs.every((input) => this.#gradInput[input] !== null)) return grad;
    return this.#finish()[at] ?? grad;
  }

  /** Runs the hooks once all gradients of the arguments are known, and starts over for another backward pass. */
  #finish(): Gradients {
    let gradInput: Gradients = [...this.#gradInput];
    for (const hook of this.#after) {
      const replaced = hook(this.#module, gradInput, [...this.#gradOutput]);
      if (!replaced) continue;
      if (this.#inputs.length !== 1) {
        fail(
          "unsupported",
          "registerFullBackwardHook",
          "only the gradient of a single argument can be replaced",
          { arguments: this.#inputs.length },
          "return nothing, or use registerHook() on the tensors themselves",
        );
      }
      gradInput = replaced;
    }
    this.#gradInput.fill(null);
    this.#gradOutput.fill(null);
    return gradInput;
  }
}
