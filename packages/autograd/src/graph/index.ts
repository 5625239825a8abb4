export * from "./toDot.ts";
export * from "./trace.ts";
