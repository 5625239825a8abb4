import { bind, type Keywords } from "./bind.ts";
import { classAt } from "./library.ts";
import { entryOf } from "./names/index.ts";

/**
 * An object of one of our classes, from the arguments of torch's constructor.
 *
 * @param path torch's name, such as `nn.Linear` or `optim.SGD`
 * @throws TensorError `unsupported` when there is no such class here, or no such argument
 */
export function construct(path: string, args: readonly unknown[], kwargs: Keywords): unknown {
  const { forms, namespace, name } = entryOf(path);
  const { ours, args: bound } = bind(name, forms, args, kwargs);
  const Class = classAt(`${namespace}${forms.length === 0 ? name : ours}`);
  return new Class(...bound);
}
