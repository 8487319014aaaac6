import { usableCard } from "../../lib/engine/usable_card.ts";
import { fullWidth } from "./full_width.ts";
import type { TableSetting } from "./table_setting.ts";

/**
 * What a scale means on this machine: on an NVIDIA card, `small` is of full width.
 * `LDLAB_DEVICE=cpu` keeps it narrow, and on the processor.
 *
 * @param scale One of `TABLE_SCALES`, or a setting of one's own.
 * @param hasCard Whether there is a card that the engine would take.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { scaleHere } from "./scale_here.ts";
 * assert.equal(scaleHere("smoke"), "smoke");
 * ```
 */
export function scaleHere(
  scale: string | TableSetting = "small",
  hasCard = () => usableCard() !== null,
): string | TableSetting {
  return scale === "small" && hasCard() ? fullWidth() : scale;
}
