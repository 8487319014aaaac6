export * from "./open_engine.ts";
