import assert from "node:assert/strict";
import { IMITATION, PRESETS } from "ldlab/distill/mod.ts";
import { checkRunConfig } from "../../experiments/check_config.ts";
import { tiny } from "./tiny_config.ts";

const sgd = { kind: "sgd", learningRate: 0.01, weightDecay: 1e-4 };
const keepRatio = {
  kind: "keepRatio",
  train: { mode: "value", scales: [[128, 96]] },
  test: [128, 96],
};
const url = "https://download.pytorch.org/models/resnet18-f37072fd.pth";

/** Changes of the tiny config that are in order. */
const right: Record<string, object> = {
  "nothing": {},
  "absent options as null": {
    initial: null,
    replicas: null,
    schedule: null,
    precision: null,
    detectorLosses: null,
    inherit: null,
    evaluation: null,
    clipNorm: null,
  },
  "steps, replicas and factors of biases": {
    replicas: 2,
    optimizer: { ...sgd, perBatch: 16, biases: { rate: 2, decay: 0 } },
    schedule: { kind: "steps", epochs: [1, 3], factor: 0.5 },
  },
  "images that keep their ratio": { input: { ...keepRatio, buckets: 1 } },
  "weights of files": {
    initial: { backbone: { url } },
    teacher: { model: tiny.model, weights: { path: "teacher.pth" } },
    terms: PRESETS.ld2021.terms,
  },
};
for (const [what, change] of Object.entries(right)) {
  Deno.test(`checkRunConfig() takes ${what}`, () => {
    checkRunConfig({ ...tiny, ...change });
  });
}

/** Changes that are not, and what is said of them. */
const wrong: Record<string, [object, RegExp]> = {
  "an unknown option": [
    { termss: {} },
    /^Cannot start 'a': options of a run are data, .*'termss', did you mean 'terms'\?$/,
  ],
  "an unknown option of the optimizer": [
    { optimizer: { ...sgd, momentun: 0.9 } },
    /options of optimizer are .*'momentun', did you mean 'momentum'\?$/,
  ],
  "an unknown option of the data": [
    { data: { ...tiny.data, heigth: 64 } },
    /options of data are .*did you mean 'height'\?$/,
  ],
  "an unknown option of the input": [
    { input: { ...keepRatio, bucket: 2 } },
    /options of input are .*did you mean 'buckets'\?$/,
  ],
  "an unknown option of the backbone": [
    { model: { ...tiny.model, backbone: { deph: 18 } } },
    /^Cannot start 'a': model is not in order: .*current one is "deph"$/,
  ],
  "an unknown option of a region": [
    {
      terms: { ld: { ...PRESETS.ld2021.terms.ld, region: { kind: "vlrr" } } },
    },
    /^Cannot start 'a': terms is not in order: .*"vlrr"$/,
  ],
  "data of no kind": [
    { data: { kind: "dota" } },
    /data\.kind must be 'scenes', 'voc' or 'coco': current value is 'dota'$/,
  ],
  "a list in place of data": [{ data: [] }, /data must be an object/],
  "no batch size": [
    { batchSize: undefined },
    /batchSize must be a whole number above 0: current value is undefined$/,
  ],
  "replicas of unlike sizes": [
    { replicas: 4 },
    /replicas must be a divisor of batchSize, 2: current value is 4$/,
  ],
  "half an epoch": [{ epochs: 0.5 }, /epochs must be a whole number above 0/],
  "a rate of 0": [
    { optimizer: { ...sgd, learningRate: 0 } },
    /optimizer\.learningRate must be a number above 0: current value is 0$/,
  ],
  "a rate that is text": [
    { optimizer: { ...sgd, learningRate: "0.01" } },
    /optimizer\.learningRate must be .*: current value is '0\.01'$/,
  ],
  "a momentum of AdamW": [
    { optimizer: { ...tiny.optimizer, momentum: 0.9 } },
    /optimizer\.momentum must be undefined or null: current value is 0\.9$/,
  ],
  "a momentum of 1": [
    { optimizer: { ...sgd, momentum: 1 } },
    /optimizer\.momentum must be a number of at least 0 and below 1/,
  ],
  "steps that do not rise": [
    { schedule: { kind: "steps", epochs: [3, 2] } },
    /schedule\.epochs must be rising and below the run's 4 epochs: current value is \[3,2\]$/,
  ],
  "a step after the end": [
    { schedule: { kind: "steps", epochs: [4] } },
    /schedule\.epochs must be rising and below the run's 4 epochs/,
  ],
  "a warm-up of nothing": [
    { warmup: { iterations: 0, start: 0.1 } },
    /warmup\.iterations must be a whole number above 0/,
  ],
  "a warm-up from more than the rate": [
    { warmup: { iterations: 5, start: 1.5 } },
    /warmup\.start must be a number above 0 and at most 1/,
  ],
  "no word on clipping": [
    { clipNorm: undefined },
    /clipNorm must be given; null says that there is none/,
  ],
  "another number of classes than the data's": [
    { model: { ...tiny.model, numClasses: 4 } },
    /model\.numClasses must be the number of the data's classes, 3: current value is 4$/,
  ],
  "GFL's losses of an FCOS": [
    { model: { ...tiny.model, kind: "fcos" }, detectorLosses: { dfl: 0 } },
    /detectorLosses must be absent for 'fcos'/,
  ],
  "jitter of images that keep their ratio": [
    {
      input: keepRatio,
      augmentation: {
        flips: true,
        jitter: { scale: [1, 1], logAspect: 0, minimumSide: 3 },
      },
    },
    /augmentation\.jitter must be absent unless images are stretched/,
  ],
  "weights without a hash": [
    { initial: { backbone: { url: "https://example.org/a.pth" } } },
    /initial\.backbone is not in order: .*Give its 'sha256'/,
  ],
  "start values of nothing": [
    { initial: { head: { path: "a.pth" } } },
    /initial must be an object with 'backbone' or 'detector'/,
  ],
  "a mistake of its teacher's": [
    {
      teacher: { config: { ...tiny, epochs: 0 }, seed: 0 },
      terms: IMITATION.gi,
    },
    /teacher\.config\.epochs must be a whole number above 0/,
  ],
};
for (const [what, [change, message]] of Object.entries(wrong)) {
  Deno.test(`checkRunConfig() refuses ${what}`, () => {
    assert.throws(
      () => checkRunConfig({ ...tiny, ...change } as never, "'a'"),
      { name: "RangeError", message },
    );
  });
}
