import type { Tensor } from "@tapegrad/autograd";
import { type DType, fail, isFloating } from "@tapegrad/tensor";
import { describe } from "./moduleRepr.ts";
import {
  type LoadOptions,
  type LoadReport,
  loadState,
  type StateDict,
  type StateOptions,
  saveState,
} from "./moduleState.ts";
import { ModuleTree } from "./moduleTree.ts";
import { convert } from "./parameter.ts";

/** Any module, whatever it takes and gives. */
export type AnyModule = ModuleBase;

/** What all modules have in common, whatever they take and give: their mode, their state, their dtype, how they print. */
export abstract class ModuleBase extends ModuleTree {
  static override readonly name: string = "ModuleBase";
  /** Whether the module is being trained, which dropout and batch normalisation ask. @defaultValue true */
  training = true;

  /** The settings, as they stand between the parentheses when the module is printed (torch.nn.Module.extra_repr). */
  extraRepr(): string {
    return "";
  }

  /** Whether a state dict that lacks this entry, one of the module's own, is complete all the same. */
  mayLack(_name: string): boolean {
    return false;
  }

  /** Calls `change` with each submodule, innermost first, and with this module last; returns the module (torch.nn.Module.apply). */
  apply(change: (module: AnyModule) => void): this {
    for (const child of this.children()) child.apply(change);
    change(this);
    return this;
  }

  /** Sets `training`, here and below, and returns the module (torch.nn.Module.train). */
  train(mode = true): this {
    this.training = mode;
    for (const child of this.children()) child.train(mode);
    return this;
  }

  /** The opposite of {@link train} (torch.nn.Module.eval). */
  eval(): this {
    return this.train(false);
  }

  /** Starts or stops gradients for all parameters, and returns the module (torch.nn.Module.requires_grad_). */
  requiresGrad_(on = true): this {
    for (const parameter of this.parameters()) parameter.requiresGrad_(on);
    return this;
  }

  /** Forgets the gradients of all parameters, or sets them to zero (torch.nn.Module.zero_grad). */
  zeroGrad({ setToNone = true }: { readonly setToNone?: boolean } = {}): void {
    for (const parameter of this.parameters()) {
      if (setToNone || parameter.grad === null) parameter.grad = null;
      else parameter.grad = parameter.grad.detach().zero_();
    }
  }

  /** Converts floating-point parameters and buffers, in place, and returns the module (torch.nn.Module.to). */
  to(dtype: DType): this {
    if (!isFloating(dtype)) fail("invalid_dtype", "to", "a module converts to floating-point dtypes only", { dtype });
    for (const tensor of [...this.parameters(), ...this.buffers()]) {
      if (tensor.isFloatingPoint() && tensor.dtype !== dtype) convert(tensor, dtype);
    }
    return this;
  }

  /** Converts to float32 (torch.nn.Module.float). */
  float(): this {
    return this.to("float32");
  }

  /** Converts to float64 (torch.nn.Module.double). */
  double(): this {
    return this.to("float64");
  }

  /** Parameters and persistent buffers by name, in torch's order, as tensors that share their elements (torch.nn.Module.state_dict). */
  stateDict(options: StateOptions = {}): Record<string, Tensor> {
    return saveState(this, options);
  }

  /**
   * Copies the tensors of a state dict into the parameters and buffers, converting dtypes (torch.nn.Module.load_state_dict).
   *
   * @param dict tensors by name, as an object or a map
   * @returns the names that the dict lacks and those that the module does not know; none when strict
   * @throws TensorError `state_mismatch` that lists everything that does not fit; nothing has changed then
   */
  loadStateDict(dict: StateDict, options: LoadOptions = {}): LoadReport {
    return loadState(this, dict, options);
  }

  /** As torch prints it: the class, its settings, its submodules. */
  override toString(): string {
    return describe(this);
  }

  static {
    // what Node's console prints
    Object.defineProperty(ModuleBase.prototype, Symbol.for("nodejs.util.inspect.custom"), {
      value(this: ModuleBase) {
        return this.toString();
      },
    });
  }
}
