/** The losses: plain element-wise functions; the caller reduces. */
export * from "./ciou.ts";
export * from "./dfl.ts";
export * from "./diou.ts";
export * from "./efficient_iou.ts";
export * from "./eiou.ts";
export * from "./fgd.ts";
export * from "./fgd_settings.ts";
export * from "./giou.ts";
export * from "./imitation.ts";
export * from "./iou_loss.ts";
export * from "./kd.ts";
export * from "./ld.ts";
export * from "./qfl.ts";
export * from "./tbr.ts";
