import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { createEvaluationLoader } from "ldlab/data/evaluation_loader.ts";
import { makeScenes } from "ldlab/data/scenes.ts";
import { createDetector } from "ldlab/detectors/create_detector.ts";
import { openEngine } from "ldlab/engine/mod.ts";
import { evaluateCoco } from "ldlab/eval/coco.ts";
import type { Detections } from "ldlab/eval/detections.ts";
import { predict } from "ldlab/eval/predict.ts";
import { evaluateVoc } from "ldlab/eval/voc.ts";
import { measure } from "../../experiments/measure.ts";
import { tiny } from "./tiny_config.ts";

const engine = await openEngine();
const scenes = makeScenes({ seed: 1, count: 6, width: 64, height: 64 });
const test = { ...scenes, classes: [...scenes.classes, "nothing"] };
const numClasses = test.classes.length;

/** An untrained detector that finds objects nonetheless. */
function detectorWithFindings() {
  const detector = createDetector({ ...tiny.model, numClasses }, { seed: 1 });
  const bias = detector.parameters.get("bbox_head.gfl_cls.bias")!;
  tf.tidy(() => bias.assign(tf.zerosLike(bias)));
  return detector;
}

/** Scenes whose objects are near what was found; of the last class is nothing. */
function withTruths(found: readonly Detections[]) {
  const images = test.images.map((image, i) => ({
    ...image,
    boxes: found[i].boxes.slice(0, 12).map((edge, at) => edge + at % 3),
    labels: found[i].labels.slice(0, 3).map((label) => label % 3),
    difficult: new Uint8Array([0, 1, 0]),
  }));
  return { ...test, images };
}

Deno.test("measure() has the metrics of evaluateCoco(), or evaluateVoc() where the run says so, by name", async () => {
  const detector = detectorWithFindings();
  const { input, batchSize } = tiny;
  const detections = await predict({
    detector,
    batches: createEvaluationLoader({ dataset: test, input, batchSize }),
  });
  const seen: number[] = [];
  const splits = { test: withTruths(detections) };
  const { images } = splits.test;
  const measured = await measure(detector, tiny, splits, {
    onImage: (...image) => seen.push(...image),
  });
  assert.deepEqual(seen, [1, 6, 2, 6, 3, 6, 4, 6, 5, 6, 6, 6]);
  const coco = evaluateCoco(images, detections, { numClasses });
  assert.ok(coco.ap > 0 && coco.ap < 1);
  assert.equal(measured.ap, coco.ap);
  assert.equal(measured.ap75, coco.ap75);
  assert.equal(measured[`ap ${test.classes[1]}`], coco.perClass[1].ap);
  assert.ok(!("ap nothing" in measured));

  const config = { ...tiny, evaluation: "voc07" } as const;
  const voc07 = await measure(detector, config, splits);
  const voc = evaluateVoc(images, detections, { numClasses });
  assert.equal(voc07.ap, voc.ap);
  assert.notEqual(voc.ap, coco.ap);
  voc.perIou.forEach(({ iouThreshold, ap }) =>
    assert.equal(voc07[`ap${(100 * iouThreshold).toFixed()}`], ap)
  );
  const ofClass = voc.perIou.map(({ perClass }) => perClass[1].ap);
  assert.equal(
    voc07[`ap ${test.classes[1]}`],
    ofClass.reduce((sum, ap) => sum + ap) / 10,
  );
  assert.equal(voc07[`ap95 ${test.classes[1]}`], ofClass[9]);
  assert.ok(!("ap nothing" in voc07) && !("ap95 nothing" in voc07));
  assert.ok(!("apSmall" in voc07));
  detector.dispose();
});

Deno.test("measure() refuses a head with another number of classes than the data, before it runs", async () => {
  const before = engine.memory();
  const detector = createDetector(tiny.model, { seed: 1 });
  await assert.rejects(
    measure(detector, tiny, { test }, {
      onRecord: () => assert.fail("the detector runs"),
    }),
    {
      name: "TypeError",
      message:
        `Cannot measure a detector on ${test.name}: its head must have ` +
        `the data's 4 classes, ${test.classes.join(", ")}: current number is 3`,
    },
  );
  detector.dispose();
  assert.deepEqual(engine.memory(), before);
});
