import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { resolveBackboneConfig } from "ldlab/detectors/backbone_config.ts";
import { createBackbone } from "ldlab/detectors/create_backbone.ts";
import { createDetector } from "ldlab/detectors/create_detector.ts";
import { compile } from "ldlab/engine/compile.ts";
import { openEngine } from "ldlab/engine/open_engine.ts";
import type { NetworkVariables } from "ldlab/nn/scope.ts";
import { assertClose, goldenCases, goldenTensors } from "../golden.ts";
import { fromMaps } from "./dense_heads.ts";
import {
  backboneImages,
  fillBackbone,
  openBackbone,
} from "./golden_backbone.ts";
import { backboneOf, detectorOf } from "./mmdet_config.ts";

const engine = await openEngine({ backend: "tensorflow" });
const tensors = await goldenTensors("detectors");
const all = await goldenCases("detectors");

/** `name [out, in, kh, kw]` of each weight, sorted. */
function shapesOf({ parameters, buffers }: NetworkVariables): string[] {
  return [...parameters, ...buffers].map(([name, { shape }]) => {
    const [kh, kw, i, o] = shape;
    const own = shape.length === 4 ? [o, i, kh, kw] : shape;
    return `${name} [${own.join(", ")}]`;
  }).sort();
}

async function sha256(text: string): Promise<string> {
  const bytes = new TextEncoder().encode(text);
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return new Uint8Array(digest).toHex();
}

for (const { name, params, outputs } of all) {
  const whole = params.full.head !== undefined;

  Deno.test(`${whole ? "createDetector()" : "createBackbone()"} has the weights' names, shapes and count of MMDetection's ${name}`, async () => {
    const network = whole
      ? createDetector(detectorOf(params.full), { seed: null })
      : openBackbone((scope) => {
        const config = resolveBackboneConfig(backboneOf(params.full.backbone));
        return createBackbone(scope.child("backbone"), config);
      });
    const shapes = shapesOf(network);
    const count = [...network.parameters.values()]
      .reduce((sum, { size }) => sum + size, 0);
    network.dispose();
    for (const one of outputs.some) assert.ok(shapes.includes(one), one);
    assert.equal(shapes.length, outputs.weights);
    assert.equal(await sha256(shapes.join("\n")), outputs.sha256);
    assert.equal(count, outputs.parameters);
  });
}

for (const golden of all.filter(({ params }) => params.narrow)) {
  const { name, params } = golden;

  Deno.test(`createDetector() gives the pyramid and the outputs of MMDetection's ${name}`, async () => {
    const before = engine.memory();
    const detector = createDetector(detectorOf(params.narrow), { seed: null });
    fillBackbone(detector);
    const images = backboneImages(golden);
    const forward = () => {
      const { features, ...outputs } = detector.forward(images, {
        training: false,
      });
      const flat = features.map((level) =>
        tf.reshape(level, [1, -1, level.shape[3]])
      );
      return { ...outputs, features: tf.concat(flat, 1) };
    };
    const step = compile<tf.NamedTensorMap, tf.NamedTensorMap>(forward);
    const places: [string, tf.NamedTensorMap][] = [
      ["TensorFlow", tf.tidy(forward)],
      ["TensorFlow compiled", await step({})],
    ];
    for (const [place, found] of places) {
      for (const [output, tensor] of Object.entries(found)) {
        assertClose(
          await tensor.data(),
          fromMaps(tensors, `${name}/${output}`).data,
          { ofLargest: 1e-4 },
          `${output} on ${place}`,
        );
      }
    }
    tf.dispose([...places.map(([, found]) => found), images]);
    step.dispose();
    detector.dispose();
    assert.deepEqual(engine.memory(), before, "leaks");
  });
}

// GFLv2 is in no package: its own repository's head is GFL's and the quality's
// 20 · 64 + 64 and 64 + 1 weights. The heads with distributions have 4 · 17 numbers
// a box for 4; FCOS's convolutions then have no biases.
for (
  const [kind, config, more] of [
    ["gflV2", "gfl_r50_fpn_1x_coco", 20 * 64 + 64 + 64 + 1],
    ["atss", "atss_r50_fpn_1x_coco", 4 * 16 * (9 * 256 + 1)],
    [
      "fcos",
      "fcos_r50-caffe_fpn_gn-head-center-normbbox-centeronreg-giou_1x_coco",
      4 * 16 * (9 * 256 + 1) - 8 * 256,
    ],
    ["retina", "retinanet_r50_fpn_1x_coco", 9 * 4 * 16 * (9 * 256 + 1)],
  ] as const
) {
  Deno.test(`createDetector() of ${kind} with distributions has the plain detector's parameters and ${more} more`, () => {
    const detector = createDetector({ kind, numClasses: 80 }, { seed: null });
    const count = [...detector.parameters.values()]
      .reduce((sum, { size }) => sum + size, 0);
    detector.dispose();
    const plain = all.find(({ name }) => name === config)!;
    assert.equal(count, plain.outputs.parameters + more);
  });
}
