import { isTensor, type Tensor } from "@tapegrad/autograd";
import { fail, sameShape } from "@tapegrad/tensor";
import { copyToKeep } from "./keep.ts";
import type { ParamState } from "./optimizer.ts";

/** State and settings of an optimizer as data, with torch's names: parameters are numbered through the groups. */
export interface OptimizerStateDict {
  readonly state: Readonly<Record<string, ParamState>>;
  readonly param_groups: readonly Readonly<Record<string, unknown>>[];
}

interface Group {
  params: Tensor[];
}

/** Packs groups and state, in the order of the parameters. */
export function packState(groups: readonly Group[], state: ReadonlyMap<Tensor, ParamState>): OptimizerStateDict {
  let next = 0;
  const packed: Record<string, ParamState> = {};
  const paramGroups = groups.map(({ params, ...settings }) => {
    const numbers = params.map((param) => {
      const values = state.get(param);
      if (values !== undefined) packed[next] = rename(values, snakeCase) as ParamState;
      return next++;
    });
    return { ...rename(settings, snakeCase), params: numbers };
  });
  return { state: packed, param_groups: paramGroups };
}

/** Checks a state dict against the groups that it is for, and unpacks it; nothing is changed. */
export function unpackState(
  where: string,
  dict: OptimizerStateDict,
  groups: readonly Group[],
): { groups: Record<string, unknown>[]; state: Map<Tensor, ParamState> } {
  const saved = dict.param_groups;
  const sizes = saved.map((group) => (group.params as number[]).length);
  if (saved.length !== groups.length || groups.some(({ params }, i) => params.length !== sizes[i])) {
    fail("state_mismatch", where, "the state dict has other parameter groups", {
      optimizer: groups.map(({ params }) => params.length),
      "state dict": sizes,
    });
  }
  const state = new Map<Tensor, ParamState>();
  const problems: Record<string, string> = {};
  saved.forEach((group, g) => {
    (group.params as number[]).forEach((number, i) => {
      const values = dict.state[number];
      if (values === undefined) return;
      const param = groups[g]!.params[i]!;
      const copied = Object.entries(rename(values, camelCase)).map(([name, value]) => {
        if (!isTensor(value)) return [name, value];
        if (value.ndim > 0 && !sameShape(value.shape, param.shape))
          problems[`parameter ${number}`] = `[${param.shape}], ${name} [${value.shape}]`;
        return [name, name === "step" ? value.item() : copyToKeep(value.detach().to(param.dtype))];
      });
      state.set(param, Object.fromEntries(copied) as ParamState);
    });
  });
  if (Object.keys(problems).length > 0)
    fail("state_mismatch", where, "the state does not have the shapes of the parameters", problems);
  return {
    groups: saved.map(({ params: _, ...settings }) => rename(settings, camelCase)),
    state,
  };
}

const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const camelCase = (name: string): string => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

function rename(values: Readonly<Record<string, unknown>>, name: (key: string) => string): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [name(key), value]));
}
