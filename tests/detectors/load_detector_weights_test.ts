import "@tensorflow/tfjs"; // registers the pure JS backend
import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { createDetector } from "ldlab/detectors/create_detector.ts";
import type { Detector } from "ldlab/detectors/detector.ts";
import {
  DETECTOR_KINDS,
  type DetectorConfig,
} from "ldlab/detectors/detector_config.ts";
import { loadDetectorWeights } from "ldlab/detectors/load_detector_weights.ts";
import { exportWeights } from "ldlab/detectors/weights.ts";
import { assertSameTensors } from "../same_tensors.ts";

await tf.setBackend("cpu");

const rest = {
  backbone: { depth: 18, baseWidth: 2 },
  neckChannels: 4,
  headChannels: 4,
  headConvs: 1,
  groups: 2,
} as const;
const make = (
  kind: DetectorConfig["kind"],
  numClasses: number,
  seed: number | null,
) => createDetector({ kind, numClasses, ...rest }, { seed });

/** What a detector of other weights holds after a refusal: what it held. */
async function refuses(
  detector: Detector,
  file: Parameters<typeof loadDetectorWeights>[1],
  classes: readonly string[] | undefined,
  message: RegExp,
) {
  const before = await exportWeights(detector);
  assert.throws(
    () => loadDetectorWeights(detector, file, { classes }),
    { name: "RangeError", message },
  );
  assertSameTensors(await exportWeights(detector), before);
}

for (const kind of DETECTOR_KINDS) {
  Deno.test(`loadDetectorWeights() loads a whole ${kind}, and counts the classes of another`, async () => {
    const before = tf.memory().numTensors;
    const [a, b] = [make(kind, 3, 1), make(kind, 3, 2)];
    const tensors = await exportWeights(a);
    loadDetectorWeights(b, { tensors });
    assertSameTensors(await exportWeights(b), tensors);
    const other = make(kind, 5, 3);
    await refuses(
      other,
      { tensors },
      undefined,
      /^Cannot load weights: the head has 5 classes, the file 3$/,
    );
    [a, b, other].forEach((detector) => detector.dispose());
    assert.equal(tf.memory().numTensors, before);
  });
}

Deno.test("loadDetectorWeights() names the classes that differ, by name or by place", async () => {
  const file = make("gfl", 3, 1);
  const tensors = await exportWeights(file);
  const three = make("gfl", 3, 2);
  const two = make("gfl", 2, 2);
  const named = (classes: string[]) => ({ tensors, classes });
  await refuses(
    two,
    named(["cat", "dog", "cow"]),
    ["dog", "bird"],
    /the head has 2 classes, the file 3; only the head has 'bird'; only the file has 'cat', 'cow'$/,
  );
  // Counts that fit don't make the classes the same.
  await refuses(
    three,
    named(["cat", "dog", "cow"]),
    ["cat", "dog", "bird"],
    /the classes of the head and of the file differ; only the head has 'bird'; only the file has 'cow'$/,
  );
  await refuses(
    three,
    named(["cat", "dog", "cow"]),
    ["cat", "cow", "dog"],
    /their order differs: class 1 is 'cow' in the head and 'dog' in the file$/,
  );
  // A list that is not even the head's
  await refuses(
    three,
    named(["cat", "dog", "cow"]),
    ["cat", "dog"],
    /2 classes are named, the head has 3$/,
  );
  const many = Array.from({ length: 80 }, (_, i) => `c${i}`);
  await refuses(
    three,
    named(many),
    ["c0", "c1", "c2"],
    /only the file has 'c3', 'c4', 'c5', 'c6', 'c7' and 72 more$/,
  );
  loadDetectorWeights(three, named(["cat", "dog", "cow"]), {
    classes: ["cat", "dog", "cow"],
  });
  assertSameTensors(await exportWeights(three), tensors);
  [file, two, three].forEach((detector) => detector.dispose());
});

Deno.test("loadDetectorWeights() refuses what is missing, extra or of another width as loadWeights() does", async () => {
  const detector = make("gfl", 3, 1);
  const tensors = await exportWeights(detector);
  const lacks = new Map(tensors);
  lacks.delete("neck.fpn_convs.0.conv.bias");
  await refuses(
    detector,
    { tensors: lacks },
    undefined,
    /'neck\.fpn_convs\.0\.conv\.bias' is missing/,
  );
  const more = new Map(tensors).set(
    "mask_head.w",
    tensors.get("backbone.bn1.weight")!,
  );
  await refuses(
    detector,
    { tensors: more },
    undefined,
    /has no 'mask_head\.w'/,
  );
  const narrow = createDetector(
    { kind: "gfl", numClasses: 3, ...rest, neckChannels: 6 },
    { seed: null },
  );
  assert.throws(() => loadDetectorWeights(narrow, { tensors }), TypeError);
  detector.dispose();
  narrow.dispose();
});
