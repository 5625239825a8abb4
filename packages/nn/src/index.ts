/** Modules, layers and losses (torch.nn). */
export * as functional from "./functional.ts";
export * as F from "./functional.ts";
export type { BackwardHook, BackwardPreHook, ForwardHook, ForwardPreHook, Gradients, HookOptions } from "./hooks.ts";
export * as init from "./init.ts";
export * from "./layers/index.ts";
export { Loss } from "./losses/common/loss.ts";
export type { LegacyOptions, LossOptions, Reduction } from "./losses/common/reduction.ts";
export { type LossSettings, losses } from "./losses/common/strict.ts";
export * from "./losses/index.ts";
export { Module } from "./module.ts";
export type { AnyModule } from "./moduleBase.ts";
export type { LoadOptions, LoadReport, StateDict, StateOptions } from "./moduleState.ts";
export type { ListOptions, Member } from "./moduleTree.ts";
export { Buffer, type BufferOptions, Parameter, type ParameterOptions } from "./parameter.ts";
export * from "./utils/index.ts";
export * as utils from "./utils/index.ts";
