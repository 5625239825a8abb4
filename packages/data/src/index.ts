export * from "./collate.ts";
export * from "./dataLoader.ts";
export * from "./dataset.ts";
export * from "./samplers.ts";
