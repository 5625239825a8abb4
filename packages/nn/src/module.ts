import type { HookHandle, Tensor } from "@tapegrad/autograd";
import {
  addHook,
  type BackwardHook,
  type BackwardPreHook,
  type ForwardHook,
  type ForwardPreHook,
  type HookOptions,
  ModuleHooks,
} from "./hooks.ts";
import { ModuleBase } from "./moduleBase.ts";

/** The call signature of a {@link Module}. */
export interface Module<Args extends readonly unknown[] = [input: Tensor], Out = Tensor> {
  // biome-ignore lint/style/useShorthandFunctionType: only an interface merges with the class
  (...args: Args): Out;
}

/**
 * A function with state, the base of every layer, model and loss (torch.nn.Module): `model(x)` runs its hooks and
 * `model.forward(x)`.
 *
 * A property that holds a `Parameter`, a `Buffer` or a module is registered, in the order in which properties were declared
 * or first assigned; `#private` properties are not. Names, in state dicts and in print, are torch's: the property
 * `runningMean` is called `running_mean`.
 *
 * There is no deep copy: build a second module and load the state dict of the first.
 *
 * @typeParam Args what `forward` takes
 * @typeParam Out  what it returns
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: every instance is the function that the interface declares
export abstract class Module<Args extends readonly unknown[] = [input: Tensor], Out = Tensor> extends ModuleBase {
  static override readonly name: string = "Module";
  #hooks: ModuleHooks | null = null;

  /** What a call computes. */
  abstract forward(...args: Args): Out;

  protected override invoke(...args: Args): Out {
    if (this.#hooks === null) return this.forward(...args);
    return this.#hooks.run(this, args, (...seen) => this.forward(...seen));
  }

  /** Whether hooks have been registered, which see what goes through the module. */
  get hasHooks(): boolean {
    return this.#hooks !== null;
  }

  /** Adds a hook that sees the arguments before `forward`, and may return others (torch.nn.Module.register_forward_pre_hook). */
  registerForwardPreHook(hook: ForwardPreHook<this, Args>, options: HookOptions = {}): HookHandle {
    return addHook(this.#hookLists.forwardPre, hook, options);
  }

  /** Adds a hook that sees the result of `forward`, and may return another (torch.nn.Module.register_forward_hook). */
  registerForwardHook(hook: ForwardHook<this, Args, Out>, options: HookOptions = {}): HookHandle {
    return addHook(this.#hookLists.forward, hook, options);
  }

  /**
   * Adds a hook that sees the gradients of the results before they pass through the module, and may return others
   * (torch.nn.Module.register_full_backward_pre_hook).
   */
  registerFullBackwardPreHook(hook: BackwardPreHook<this>, options: HookOptions = {}): HookHandle {
    return addHook(this.#hookLists.backwardPre, hook, options);
  }

  /**
   * Adds a hook that sees the gradients of the arguments and of the results (torch.nn.Module.register_full_backward_hook).
   *
   * It runs once the gradients of all arguments that carry one are known, and may replace that of a single argument.
   */
  registerFullBackwardHook(hook: BackwardHook<this>, options: HookOptions = {}): HookHandle {
    return addHook(this.#hookLists.backward, hook, options);
  }

  get #hookLists(): ModuleHooks {
    this.#hooks ??= new ModuleHooks();
    return this.#hooks;
  }
}
