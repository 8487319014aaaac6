import assert from "node:assert/strict";
import { makeAnchors } from "ldlab/boxes/anchors.ts";
import { assignAtss } from "ldlab/regions/atss.ts";
import { assignFcos } from "ldlab/regions/fcos.ts";
import { fcosVlrRegion } from "ldlab/regions/fcos_vlr.ts";
import { assignMaxIou } from "ldlab/regions/max_iou.ts";
import { retinaVlrRegion } from "ldlab/regions/retina_vlr.ts";
import { vlrRegion } from "ldlab/regions/vlr.ts";
import { type GoldenCase, goldenCases, goldenTensors } from "../golden.ts";
import {
  goldenAnchors,
  goldenGroundTruth,
  pointsOf,
} from "./golden_anchors.ts";

// tests/golden/ld_variants.safetensors: the heads of HikariTJU/LD. A location's
// box logits have a gradient where it learns a box or is in the VLR, and only
// there; all three heads distil both. Logits so far apart that all of a side's
// probability is on one bin may have none there.
const FAR = 50;
const tensors = await goldenTensors("ld_variants");
const heads = {
  LDFCOSHead: (params: GoldenCase["params"]) => ({
    anchors: pointsOf(params),
    assign: assignFcos,
    vlr: fcosVlrRegion,
  }),
  LDRetinaHead: (params: GoldenCase["params"]) => ({
    anchors: goldenAnchors(params),
    assign: assignMaxIou,
    vlr: retinaVlrRegion,
  }),
  LDATSSHead: (params: GoldenCase["params"]) => ({
    anchors: goldenAnchors(params),
    assign: assignAtss,
    vlr: (...[anchors, gt]: Parameters<typeof vlrRegion>) =>
      vlrRegion(anchors, gt),
  }),
};

const cases = await goldenCases("ld_variants", ({ error }) => !error);
for (const { name, params, inputs } of cases) {
  const { type, num_classes: numClasses } = params.head_cfg;
  Deno.test(`positives and VLR are where ${name} distils boxes`, () => {
    const { anchors, assign, vlr } = heads[type as keyof typeof heads](params);
    for (const [image, boxes] of inputs.gt_bboxes.entries()) {
      const gt = goldenGroundTruth(boxes, inputs.gt_labels[image]);
      const assignment = assign(anchors, gt, { numClasses });
      const region = vlr(anchors, gt, assignment as never);
      for (const [level, { start, count }] of anchors.levels.entries()) {
        const { data } = tensors.get(`${name}/grad_total/bbox_pred.${level}`)!;
        const logits = tensors.get(`${name}/in/bbox_pred.${level}`)!.data;
        const channels = data.length / count / inputs.gt_bboxes.length;
        for (let cell = 0; cell < count; cell++) {
          let learns = false;
          let far = false;
          for (let k = 0; k < channels; k++) {
            const at = (image * channels + k) * count + cell;
            learns ||= data[at] !== 0;
            far ||= Math.abs(logits[at]) > FAR;
          }
          const distils = assignment.gtIndex[start + cell] >= 0 ||
            region[start + cell] > 0;
          const what = `image ${image}, level ${level}, cell ${cell}`;
          if (far) assert.ok(distils || !learns, what);
          else assert.equal(distils, learns, what);
        }
      }
    }
  });
}

Deno.test("VLRs of FCOS and RetinaNet have no positives and are empty when nothing is there", () => {
  const anchors = makeAnchors({ height: 64, width: 80 });
  const gt = {
    boxes: new Float32Array([4, 6, 52, 59, 30.2, 1.3, 78.1, 60.7]),
    labels: new Int32Array([1, 0]),
  };
  const nothing = { boxes: new Float32Array(0), labels: new Int32Array(0) };
  for (
    const [assign, vlr] of [
      [assignFcos, fcosVlrRegion],
      [assignMaxIou, retinaVlrRegion],
    ] as const
  ) {
    const assignment = assign(anchors, gt, { numClasses: 3 });
    const region = vlr(anchors, gt, assignment);
    assert.ok(assignment.positives > 0);
    assert.ok(region.some((weight) => weight > 0));
    for (const [anchor, weight] of region.entries()) {
      if (assignment.gtIndex[anchor] >= 0) assert.equal(weight, 0);
    }
    const gtIndex = assignment.gtIndex.subarray(1);
    assert.throws(
      () => vlr(anchors, gt, { ...assignment, gtIndex }),
      /^TypeError: Cannot select the VLR: the assignment must have/,
    );
    const none = assign(anchors, nothing, { numClasses: 3 });
    assert.ok(vlr(anchors, nothing, none).every((weight) => weight === 0));
  }
});
