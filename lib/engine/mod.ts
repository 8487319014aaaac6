export * from "./compile.ts";
export * from "./compile_options.ts";
export * from "./open_engine.ts";
