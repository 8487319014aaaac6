/** The losses: plain element-wise functions; the caller reduces. */
export * from "./dfl.ts";
export * from "./giou.ts";
export * from "./kd.ts";
export * from "./ld.ts";
export * from "./qfl.ts";
