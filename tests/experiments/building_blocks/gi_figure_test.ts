import assert from "node:assert/strict";
import { openEngine } from "ldlab/engine/mod.ts";
import { giFigure } from "../../../experiments/building_blocks/gi_figure.ts";
import { openTestPicture } from "../../../experiments/building_blocks/test_picture.ts";
import { SCALES } from "../../../experiments/scales.ts";
import type { ImageOutputs } from "../../../experiments/test_outputs.ts";
import { assertClose } from "../../golden.ts";

// deno-lint-ignore no-explicit-any
type Trace = any;

Deno.test("giFigure() shows the box of whoever is surer where the two differ", async () => {
  await openEngine();
  const picture = await openTestPicture(SCALES.smoke.student, 3);
  const { anchors, numClasses } = picture;
  // All sides 1 stride away: z of the middle bin of three is far above.
  const boxLogits = Float32Array.from(
    { length: anchors.count * 4 * 3 },
    (_logit, at) => at % 3 === 1 ? 99 : 0,
  );
  const sureAt = (location: number): ImageOutputs => {
    const classLogits = new Float32Array(anchors.count * numClasses).fill(-99);
    classLogits[location * numClasses + 1] = 99;
    return { record: undefined!, classLogits, boxLogits };
  };
  // P3 of 128 × 96 has 16 columns of 8 px: locations (8, 8) and (48, 40).
  const { data } = await giFigure(
    picture,
    { teacher: sureAt(17), student: sureAt(5 * 16 + 6) },
    { topk: 2 },
  );
  const [difference]: readonly Trace[] = data;
  assert.equal(difference.z[1][1], 1);
  assert.equal(difference.z[5][6], 1);
  assert.equal(difference.z.flat().filter(Boolean).length, 2);
  const box = (name: RegExp) => {
    const { x, y }: Trace = data.find((trace: Trace) => name.test(trace.name));
    return [x[1], y[1], x[3], y[3]];
  };
  assertClose(box(/^teacher/), [0, 0, 16, 16], { absolute: 1e-4 });
  assertClose(box(/^student/), [40, 32, 56, 48], { absolute: 1e-4 });
});
