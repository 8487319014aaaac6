import type { TableScale } from "./table_setting.ts";

/** What a scale cannot show. */
export function scaleCaveat(scale: TableScale): string {
  if (scale === "smoke") {
    return "The `smoke` scale only shows that everything runs: its numbers say " +
      "nothing about LD.";
  }
  const teacher =
    "All seeds share their teacher, so what chance did to it is " +
    "in no interval.";
  if (scale === "paper") return teacher;
  if (scale === "full_width") {
    return teacher + " The recipe is that of the narrow networks, and is not " +
      "tuned for these.";
  }
  return teacher +
    " The recipe was tuned on these test images with the reference " +
    "implementation: the gains show whether this code agrees with it, and are " +
    "no unbiased measure of LD.";
}
