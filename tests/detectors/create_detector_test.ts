import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { measureComplexity } from "ldlab/detectors/complexity.ts";
import { createDetector } from "ldlab/detectors/create_detector.ts";
import {
  type DetectorConfig,
  resolveDetectorConfig,
} from "ldlab/detectors/detector_config.ts";
import { exportWeights, loadWeights } from "ldlab/detectors/weights.ts";
import { openEngine } from "ldlab/engine/open_engine.ts";
import { assertClose, goldenTensors } from "../golden.ts";
import { assertSameTensors, hashOf } from "../same_tensors.ts";
import { fromBoxMaps, fromMaps } from "./dense_heads.ts";
import { goldenBatch, goldenDetector, modelTensors } from "./gfl_model.ts";

const engine = await openEngine({ backend: "tensorflow" });

const small = {
  kind: "gfl",
  numClasses: 3,
  backbone: { depth: 18, baseWidth: 16 },
  neckChannels: 64,
  headChannels: 64,
  headConvs: 2,
} as const;

Deno.test("createDetector() builds the small student of 1,090,204 parameters", () => {
  // PyTorch's count for MMDetection's modules at these settings.
  const before = engine.memory();
  const detector = createDetector(small, { seed: 1 });
  const input = { height: 192, width: 256 };
  const { parameters, multiplyAdds } = measureComplexity(detector, input);
  assert.equal(parameters, 1_090_204);
  // By hand for the head: 1,023 locations, 4 convolutions of 64 to 64 channels
  // and the predictions of 3 + 68; it is the largest part.
  const head = 1023 * 9 * 64 * (4 * 64 + 3 + 68);
  assert.ok(multiplyAdds > head && multiplyAdds < 2.5 * head);
  detector.dispose();
  assert.deepEqual(engine.memory(), before);
});

Deno.test("createDetector() has the stride of caffe's bottlenecks in their first convolution", () => {
  const cost = (style: "pytorch" | "caffe") => {
    const config = {
      ...small,
      backbone: { depth: 101, baseWidth: 4, style },
    } as const;
    const detector = createDetector(config, { seed: null });
    const input = { height: 64, width: 64 };
    const { multiplyAdds } = measureComplexity(detector, input);
    detector.dispose();
    return multiplyAdds;
  };
  // By hand: the first convolutions of stages 2 to 4 then have a quarter of the
  // outputs; each has c = 16, 32, 64 inputs, c / 2 outputs, on 16, 8, 4 squared.
  const saved = 0.75 * (16 * 8 * 256 + 32 * 16 * 64 + 64 * 32 * 16);
  assert.equal(cost("pytorch") - cost("caffe"), saved);
});

Deno.test("createDetector() starts as MMDetection's detector does", async () => {
  const detector = createDetector(small, { seed: 3 });
  const value = async (name: string) =>
    await detector.parameters.get(name)!.data();
  for (const [name, parameter] of detector.parameters) {
    const values = await parameter.data();
    if (/(layer\d\.\d\.bn2)\.weight$/.test(name)) {
      assert.ok(values.every((v) => v === 0), name); // zero_init_residual
    } else if (/(bn1|downsample\.1|gn)\.weight$|scale$/.test(name)) {
      assert.ok(values.every((v) => v === 1), name);
    } else if (/bias$/.test(name) && !/gfl_cls/.test(name)) {
      assert.ok(values.every((v) => v === 0), name);
    }
  }
  const bias = await value("bbox_head.gfl_cls.bias");
  assertClose(bias, Array(3).fill(-Math.log(99)), { relative: 1e-6 });
  // Scores start near 0.01 whatever the image.
  const images = tf.randomNormal<tf.Rank.R4>(
    [1, 64, 64, 3],
    0,
    1,
    "float32",
    1,
  );
  const { classLogits } = detector.forward(images, { training: false });
  const scores = await tf.sigmoid(classLogits).data();
  assert.ok(scores.every((score) => score > 0.004 && score < 0.025));
  detector.dispose();
});

Deno.test("createDetector() gives the same weights for the same seed", async () => {
  const weights = async (seed: number) => {
    const detector = createDetector(small, { seed });
    const exported = await exportWeights(detector);
    detector.dispose();
    return hashOf(exported.get("neck.fpn_convs.0.conv.weight")!.data);
  };
  assert.equal(await weights(1), await weights(1));
  assert.notEqual(await weights(1), await weights(2));
});

Deno.test("createDetector() starts everything at 0 when there is no seed, ready for weights", async () => {
  const [empty, other] = [null, 1].map((seed) =>
    createDetector(small, { seed })
  );
  for (const map of [empty.parameters, empty.buffers]) {
    for (const [name, variable] of map) {
      assert.ok((await variable.data()).every((value) => value === 0), name);
    }
  }
  const weights = await exportWeights(other);
  loadWeights(empty, weights);
  assertSameTensors(await exportWeights(empty), weights);
  empty.dispose();
  other.dispose();
});

Deno.test("createDetector() runs in pure JS with MMDetection's outputs", async () => {
  await tf.setBackend("cpu");
  const detector = goldenDetector();
  const { images } = goldenBatch();
  const { classLogits, boxLogits } = detector.forward(images, {
    training: true,
  });
  for (
    const [found, { data }] of [
      [classLogits, fromMaps(modelTensors, "bn_train/cls_score")],
      [boxLogits, fromBoxMaps(modelTensors, "bn_train/bbox_pred")],
    ] as const
  ) {
    assertClose(await found.data(), data, { ofLargest: 1e-4 });
  }
  detector.dispose();
  await tf.setBackend("tensorflow");
});

Deno.test("resolveDetectorConfig() refuses settings out of range and names them", () => {
  const refused = (change: Partial<DetectorConfig>, message: string) =>
    assert.throws(
      () => resolveDetectorConfig({ kind: "gfl", numClasses: 3, ...change }),
      {
        name: "RangeError",
        message: `Cannot build a detector: ${message}`,
      },
    );
  refused(
    { kind: "yolo" as "gfl" },
    "kind must be gfl, gflV2, atss, fcos, retina: current value is yolo",
  );
  refused(
    { regMax: null },
    "regMax must be a number, as gfl has no plain box: current value is null",
  );
  refused(
    { regMax: 0 },
    "regMax must be a whole number above 0: current value is 0",
  );
  refused(
    { anchorScale: 0 },
    "anchorScale must be above 0: current value is 0",
  );
  refused(
    { towerInit: "zeros" as "normal" },
    "towerInit must be normal or kaiming: current value is zeros",
  );
  refused(
    { headChannels: 48 },
    "groups must be a divisor of the 48 head channels: current value is 32",
  );
});

Deno.test("createDetector() starts towers at 0.01, or so that a signal passes whatever their width", () => {
  for (const kind of ["gfl", "retina"] as const) {
    for (
      const [towerInit, expected] of [
        [undefined, 0.01],
        ["normal", 0.01],
        ["kaiming", Math.sqrt(2 / (9 * 48))],
      ] as const
    ) {
      const detector = createDetector({
        kind,
        numClasses: 2,
        backbone: { depth: 18, baseWidth: 4 },
        neckChannels: 16,
        headChannels: 48,
        headConvs: 2,
        groups: 4,
        ...(towerInit && { towerInit }),
      }, { seed: 1 });
      for (const tower of ["cls_convs", "reg_convs"]) {
        const weight = detector.parameters
          .get(`bbox_head.${tower}.1.conv.weight`)!;
        const values = weight.dataSync();
        const deviation = Math.hypot(...values) / Math.sqrt(values.length);
        assert.ok(
          Math.abs(deviation / expected - 1) < 0.03,
          `${kind} ${towerInit} ${tower}: ${deviation}`,
        );
      }
      detector.dispose();
    }
  }
});

Deno.test("exportWeights() gives back the weights that loadWeights() took", async () => {
  const before = engine.memory();
  const golden = await goldenTensors("model_weights");
  const detector = goldenDetector();
  const exported = await exportWeights(detector);
  const expected = [...exported.keys()]
    .map((name) => [name, golden.get(name)!] as const);
  assertSameTensors(exported, new Map(expected));
  // Of the file, only the constant 0 … regMax is no weight.
  const rest = [...golden.keys()].filter((name) => !exported.has(name));
  assert.deepEqual(rest, ["bbox_head.integral.project"]);
  detector.dispose();
  assert.deepEqual(engine.memory(), before);
});

Deno.test("loadWeights() names the first weight that does not fit and changes nothing", async () => {
  const detector = createDetector(small, { seed: 1 });
  const weights = await exportWeights(detector);
  const name = "bbox_head.gfl_reg.weight";
  const zeros = new Map(
    [...weights].map(([name, { shape, data }]) => [
      name,
      { shape, data: new Float32Array(data.length) },
    ]),
  );
  const refused = (
    change: (given: typeof zeros) => void,
    error: { name: string; message: string },
  ) => {
    const given = new Map(zeros);
    change(given);
    assert.throws(() => loadWeights(detector, given), error);
  };
  refused((given) => given.delete(name), {
    name: "RangeError",
    message: `Cannot load weights: '${name}' is missing among ${
      weights.size - 1
    } tensors`,
  });
  refused(
    (given) =>
      given.set(name, { shape: [3, 3, 64, 68], data: new Float32Array(39168) }),
    {
      name: "TypeError",
      message:
        `Cannot load weights: '${name}' must be [68, 64, 3, 3]: current shape is [3, 3, 64, 68]`,
    },
  );
  refused(
    (given) =>
      given.set("fc.weight", { shape: [1], data: new Float32Array(1) }),
    {
      name: "RangeError",
      message: "Cannot load weights: the network has no 'fc.weight'",
    },
  );
  assertSameTensors(await exportWeights(detector), weights);
  detector.dispose();
});
