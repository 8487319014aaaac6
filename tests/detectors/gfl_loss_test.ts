// Expected numbers: MMDetection 3.3.0's GFLHead.loss_by_feat, golden file heads.
import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs";
import { gflLoss } from "ldlab/detectors/gfl_loss.ts";
import type { DetectorOutputs } from "ldlab/detectors/detector.ts";
import { assertClose, goldenCases, goldenTensors } from "../golden.ts";
import {
  anchorsOf,
  flatten,
  levelMaps,
  logits,
  sumOfLevels,
  targets,
} from "./dense_heads.ts";

const cases = (await goldenCases("heads")).filter(({ name }) =>
  // CIoU is another loss than GFL's.
  name.startsWith("gfl_") && name !== "gfl_ciou"
);
const tensors = await goldenTensors("heads");

for (const { name, params, outputs } of cases) {
  Deno.test(`gflLoss() equals GFLHead in ${name}`, async () => {
    const before = tf.memory().numTensors;
    const anchors = anchorsOf(params.featmap_sizes);
    const wanted = targets(tensors, `${name}/target`);
    const said = logits(
      tensors,
      `${name}/in/cls_score`,
      `${name}/in/bbox_pred`,
    );
    const losses = gflLoss({ outputs: said, targets: wanted, anchors });
    const tolerance = { relative: 1e-4, absolute: 1e-6 };
    const pairs = [
      [losses.qfl, outputs.loss_cls],
      [losses.giou, outputs.loss_bbox],
      [losses.dfl, outputs.loss_dfl],
    ] as const;
    for (const [loss, expected] of pairs) {
      assertClose(await loss.data(), [sumOfLevels(expected)], tolerance);
    }
    assert.equal((await losses.positives.data())[0], outputs.num_pos);

    const gradients = tf.grads((...[classLogits, boxLogits]) => {
      const given = { classLogits, boxLogits, features: [] } as DetectorOutputs;
      const { qfl, giou, dfl } = gflLoss({
        outputs: given,
        targets: wanted,
        anchors,
      });
      return tf.addN([qfl, giou, dfl]);
    })([said.classLogits, said.boxLogits]);
    for (const [i, key] of ["cls_score", "bbox_pred"].entries()) {
      const expected = flatten(levelMaps(tensors, `${name}/grad_total/${key}`));
      assertClose(
        await gradients[i].data(),
        await expected.data(),
        { ofLargest: 1e-4 },
        `gradient of ${key}`,
      );
      expected.dispose();
    }
    tf.dispose([losses, said, wanted, gradients] as tf.TensorContainer);
    assert.equal(tf.memory().numTensors, before, "leaked tensors");
  });
}
