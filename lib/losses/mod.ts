/** The losses: plain element-wise functions; the caller reduces. */
export * from "./dfl.ts";
export * from "./fgd.ts";
export * from "./fgd_settings.ts";
export * from "./giou.ts";
export * from "./imitation.ts";
export * from "./kd.ts";
export * from "./ld.ts";
export * from "./qfl.ts";
export * from "./tbr.ts";
