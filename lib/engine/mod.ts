export * from "./compile.ts";
export * from "./open_engine.ts";
