import assert from "node:assert/strict";
import fc from "fast-check";
import { makeAnchors, validAnchors } from "ldlab/boxes/anchors.ts";
import { anchorsOf, targetRuleOf } from "ldlab/detectors/detector_anchors.ts";
import {
  DETECTOR_KINDS,
  type DetectorKind,
} from "ldlab/detectors/detector_config.ts";
import {
  decodeDetections,
  type ImageLogits,
} from "ldlab/eval/decode_detections.ts";
import { fromMaps } from "../detectors/dense_heads.ts";
import { wave } from "../float64.ts";
import { assertClose, goldenCases, goldenTensors } from "../golden.ts";

const round = Math.fround;

// tests/golden/predict_heads.json: predict_by_feat of MMDetection 3.3.0's heads.
const tensors = await goldenTensors("predict_heads");
for (const golden of await goldenCases("predict_heads")) {
  const { name, inputs, params, outputs } = golden;
  const { kind, numClasses, test_cfg: config, featmap_sizes } = params;
  const anchors = makeAnchors({
    ...targetRuleOf({ kind, numClasses }).anchors,
    height: 1,
    width: 1,
    levelSizes: featmap_sizes,
    strides: params.strides,
  });
  const rows = (key: string, image: number) => {
    const { shape: [batch], data } = fromMaps(tensors, key);
    const length = data.length / batch;
    return Float32Array.from(data)
      .subarray(image * length, (image + 1) * length);
  };
  const said = (image: number): ImageLogits => ({
    classLogits: rows(`${inputs.tensors}/classLogits`, image)
      .map((x) => round(inputs.classScale * x) + inputs.classShift),
    boxLogits: rows(`${inputs.tensors}/boxLogits`, image),
    ...(["atss", "fcos"].includes(kind) &&
      { centerness: rows(`${inputs.tensors}/centerness`, image) }),
    ...(kind === "gflV2" && { scores: rows(`${name}/scores`, image) }),
  });
  Deno.test(`decodeDetections() equals the reference's head when case is ${name}`, () => {
    for (const [image, meta] of params.img_metas.entries()) {
      const given = {
        kind: kind as DetectorKind,
        ...said(image),
        anchors,
        imageSize: { height: meta.img_shape[0], width: meta.img_shape[1] },
        scale: params.rescale ? meta.scale_factor : undefined,
      };
      const actual = decodeDetections({
        ...given,
        scoreThreshold: config.score_thr,
        preNms: config.nms_pre,
        iouThreshold: config.nms.iou_threshold,
        limit: config.max_per_img,
        minBoxSize: config.min_bbox_size,
      });
      const { bboxes, scores, labels } = outputs[image];
      assert.deepEqual([...actual.labels], labels.data);
      assertClose(actual.boxes, bboxes.data, { absolute: 1e-3 }, "boxes");
      assertClose(actual.scores, scores.data, { absolute: 1e-5 }, "scores");
      // The published settings are those of the kind.
      if (/basic|rescale/.test(name)) {
        assert.deepEqual(decodeDetections(given), actual);
      }
    }
  });
}

const numClasses = 2;

/** What a detector of a kind might say about an input of A anchors. */
function logitsOf(kind: DetectorKind, count: number, bins: number, phase = 1) {
  const centered = kind === "atss" || kind === "fcos";
  return {
    classLogits: wave(count * numClasses, 3, phase),
    boxLogits: wave(count * 4 * bins, 2, phase + 1).map((x) =>
      kind === "fcos" && bins === 1 ? Math.abs(x) : x
    ),
    ...(centered && { centerness: wave(count, 2, phase + 2) }),
    ...(kind === "gflV2" && {
      scores: wave(count * numClasses, 0.5, phase + 3).map((x) => x + 0.5),
    }),
  };
}

/** Each kind in its plain form, where it has one, and with distributions. */
const forms = DETECTOR_KINDS.flatMap((kind) =>
  (kind.startsWith("gfl") ? [5] : [1, 5]).map((bins) => ({ kind, bins }))
);

Deno.test("decodeDetections() finds the same in a padded input as in the image alone, for each kind", () => {
  const side = fc.integer({ min: 1, max: 4 }).map((steps) => 32 * steps);
  const sizes = fc.record({
    width: side,
    height: side,
    right: side,
    below: side,
  });
  fc.assert(
    fc.property(
      fc.constantFrom(...forms),
      sizes,
      fc.nat(31),
      (form, size, cut) => {
        const { kind, bins } = form;
        const own = { width: size.width, height: size.height };
        const batch = {
          width: own.width + size.right,
          height: own.height + size.below,
        };
        const config = { kind, numClasses };
        const [alone, padded] = [
          anchorsOf(config, own),
          anchorsOf(config, batch),
        ];
        const valid = validAnchors(padded, own);
        const there = [...valid.keys()].filter((anchor) => valid[anchor] === 1);
        assert.equal(there.length, alone.count);
        // Beyond the image's own padding are boxes with high scores.
        const whole = logitsOf(kind, padded.count, bins, 5);
        const part = logitsOf(kind, alone.count, bins);
        for (const [name, values] of Object.entries(part)) {
          const target = whole[name as keyof typeof part]!;
          const length = values.length / alone.count;
          there.forEach((anchor, row) => {
            target.set(
              values.subarray(row * length, (row + 1) * length),
              anchor * length,
            );
          });
        }
        const imageSize = { width: own.width - cut, height: own.height - cut };
        const common = { kind, imageSize, scale: [0.5, 0.75] as const };
        const expected = decodeDetections({
          ...common,
          ...part,
          anchors: alone,
        });
        assert.deepEqual(
          decodeDetections({ ...common, ...whole, anchors: padded, valid }),
          expected,
        );
      },
    ),
    { numRuns: 40 },
  );
});

Deno.test("decodeDetections() has no NaN and stays in the image at logits of 1e4, for each kind", () => {
  const anchors = (kind: DetectorKind) =>
    anchorsOf({ kind, numClasses }, { width: 64, height: 32 });
  for (const { kind, bins } of forms) {
    const own = anchors(kind);
    for (const size of [1e4, -1e4]) {
      const said = Object.fromEntries(
        Object.entries(logitsOf(kind, own.count, bins)).map((
          [name, values],
        ) => [
          name,
          name === "scores" ? values : values.map((x) => x * size),
        ]),
      ) as unknown as ImageLogits;
      const { boxes, scores } = decodeDetections({
        kind,
        ...said,
        anchors: own,
        imageSize: { width: 60, height: 30 },
      });
      assert.ok(scores.every((score) => score >= 0 && score <= 1));
      boxes.forEach((edge, i) =>
        assert.ok(edge >= 0 && edge <= (i % 2 ? 30 : 60))
      );
    }
  }
});

Deno.test("decodeDetections() has no detection where centre-ness or a score is NaN", () => {
  for (const kind of ["atss", "fcos", "gflV2"] as const) {
    const anchors = anchorsOf({ kind, numClasses }, { width: 64, height: 64 });
    const said = logitsOf(kind, anchors.count, 5);
    (said.centerness ?? said.scores)!.fill(NaN);
    const { scores } = decodeDetections({
      kind,
      ...said,
      anchors,
      imageSize: { width: 64, height: 64 },
    });
    assert.equal(scores.length, 0);
  }
});

Deno.test("decodeDetections() takes the threshold and the best pairs before centre-ness", () => {
  const anchors = makeAnchors({ height: 8, width: 24, strides: [8] });
  const logit = (score: number) => Math.log(score / (1 - score));
  const decode = (options = {}) =>
    decodeDetections({
      kind: "fcos",
      classLogits: Float32Array.from([0.8, 0.6, 0.04], logit),
      boxLogits: new Float32Array(12).fill(1),
      centerness: Float32Array.from([0.05, 0.5, 1 - 1e-6], logit),
      anchors,
      imageSize: { height: 8, width: 24 },
      iouThreshold: 1,
      ...options,
    }).scores;
  // 0.6 * 0.5 and 0.8 * 0.05, which is below the threshold of 0.05.
  assertClose(decode(), [0.3, 0.04], { absolute: 1e-6 });
  assertClose(decode({ preNms: 1 }), [0.04], { absolute: 1e-6 });
});

Deno.test("decodeDetections() refuses outputs of another kind of detector", () => {
  const anchors = makeAnchors({ height: 8, width: 8, strides: [8] });
  const given = {
    classLogits: new Float32Array(2),
    boxLogits: new Float32Array(4),
    anchors,
    imageSize: { height: 8, width: 8 },
  };
  const centerness = new Float32Array(1);
  const scores = new Float32Array(2);
  const wrong = [
    [{ kind: "atss" }, "kind atss has centerness: none is given"],
    [{ kind: "gflV2" }, "kind gflV2 has scores: none is given"],
    [{ kind: "retina", scores }, "kind retina has no scores: it is given"],
    [{ centerness }, "kind gfl has no centerness: it is given"],
    [
      { kind: "fcos", centerness: new Float32Array(2) },
      "centerness must have 1 values: current length is 2",
    ],
    [
      { kind: "retina", valid: new Uint8Array(3) },
      "valid must have 1 values: current length is 3",
    ],
    [{ kind: "gfl" }, "with n above 1: current n is 1"],
  ] as const;
  for (const [more, message] of wrong) {
    assert.throws(
      () => decodeDetections({ ...given, ...more }),
      (error: Error) =>
        error instanceof TypeError && error.message.includes(message),
      message,
    );
  }
});
