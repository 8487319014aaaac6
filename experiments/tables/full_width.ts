import type { Engine } from "../../lib/engine/mod.ts";
import type { RunConfig } from "../config.ts";
import { type TableSetting, tableSetting } from "./table_setting.ts";

/**
 * The setting of the scale `small` with networks of full width on larger images,
 * which takes a card: the same images, split and recipe, GFL as published with
 * ResNet-18 and a ResNet-50 teacher, at 640 × 480. The recipe was chosen for the
 * narrow networks and is not tuned for these.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { fullWidth } from "./full_width.ts";
 * import { planTable } from "./plan_table.ts";
 * import { TABLE_1A } from "./table_1a.ts";
 * const { plan, setting } = planTable(TABLE_1A, { scale: fullWidth(), seeds: 3 });
 * assert.match(setting.description, /full width/);
 * assert.ok(plan.rows.length > 1);
 * ```
 */
export function fullWidth(): TableSetting {
  const small = tableSetting("small");
  const { numClasses } = small.student.model;
  const wide = (config: RunConfig, depth: 18 | 50): RunConfig => ({
    ...config,
    input: { kind: "stretch", width: 640, height: 480 },
    // What follows from the width of this pair, as in Table 4, reads it here.
    model: { kind: "gfl", numClasses, backbone: { depth, baseWidth: 64 } },
  });
  if (!("config" in small.teacher)) {
    throw new TypeError("The scale 'small' must have a teacher to train");
  }
  return {
    ...small,
    scale: "full_width",
    description:
      "BCCD blood cells at 640 × 480, networks of full width; teacher GFL " +
      "ResNet-50 on 292 images, student GFL ResNet-18 on 73 of them",
    student: wide(small.student, 18),
    teacher: {
      ...small.teacher,
      config: wide(small.teacher.config, 50),
    },
  };
}

/**
 * Refuses full width on the processor, where it takes days: a card that was found
 * may be full, or the engine open on the processor before.
 *
 * @param setting What is to be run.
 * @param engine What computes it.
 * @throws {Error} With why it is no card, and what to do.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { fullWidth, requireCard } from "./full_width.ts";
 * const engine = { card: "NVIDIA H100", reason: "TensorFlow 2.21.0 on gpu:0" };
 * requireCard(fullWidth(), engine);
 * assert.throws(() => requireCard(fullWidth(), { reason: "gpu:0 is full" }), /full/);
 * ```
 */
export function requireCard(
  { scale }: TableSetting,
  { card, reason }: Pick<Engine, "card" | "reason">,
): void {
  if (scale !== "full_width" || card !== undefined) return;
  throw new Error(
    `Cannot run networks of full width on the processor. ${reason}. Set the ` +
      `environment variable LDLAB_DEVICE=cpu, and small is narrow`,
  );
}
