import "./methods.ts";

export * from "./context.ts";
export * from "./creation.ts";
export * from "./engine.ts";
export * from "./files.ts";
export * from "./gradcheck.ts";
export * from "./graph/index.ts";
export { type GradientHook, type HookHandle, Node } from "./node.ts";
export {
  type AnyOpSpec,
  allocate,
  allocateUnfilled,
  apply,
  BackwardContext,
  defineOp,
  type Each,
  type Meta,
  type Op,
  type OpSpec,
} from "./op.ts";
export { type Operand, resultType } from "./operands.ts";
export * from "./ops/index.ts";
export { Profile, type ProfileRow, type ProfileTableOptions, profile, recordFunction } from "./profile/profile.ts";
export type { Phase, ProfileEvent } from "./profile/profiler.ts";
export * from "./random.ts";
export { between, retire } from "./recycle.ts";
export { type NestedList, Tensor } from "./tensor.ts";
export * from "./unique.ts";
