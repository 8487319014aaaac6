import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { createTrainingBatches } from "ldlab/data/training_batches.ts";
import { gflLoss } from "ldlab/detectors/gfl_loss.ts";
import { distillLoss } from "ldlab/distill/distill_loss.ts";
import { PRESETS } from "ldlab/distill/presets.ts";
import { termNeeds } from "ldlab/distill/term_needs.ts";
import type { DistillTerms } from "ldlab/distill/terms.ts";
import { openEngine } from "ldlab/engine/mod.ts";
import { currentSession } from "ldlab/engine/session.ts";
import { sgd } from "ldlab/train/sgd.ts";
import { readState } from "ldlab/train/state.ts";
import { makeTrainStep } from "ldlab/train/step.ts";
import { cachedTeacher, liveTeacher } from "ldlab/train/teacher.ts";
import {
  goldenBatch,
  goldenDetector,
  modelCase,
  normTolerance,
} from "../detectors/gfl_model.ts";
import { assertClose } from "../golden.ts";
import { anchors, data, input, tinyDetector } from "./tiny_detector.ts";

const engine = await openEngine();
/** The terms of CVPR 2022 and KD on the valuable region. */
const terms = {
  ...PRESETS.cvpr2022.terms,
  vlrKd: { loss: "kd", region: { kind: "vlr" }, weight: 3 },
} as const;
const { regions } = termNeeds(terms);
const batch = await createTrainingBatches({ ...data, regions }).prepare(0, 0);
const [[vlrKey, vlr]] = Object.entries(batch.regions);

Deno.test("makeTrainStep() equals four steps of MMDetection's GFL with torch's SGD", async () => {
  // tests/golden/model.json: mmdet 3.3.0, torch.optim.SGD, clip_grad_norm_.
  const { params, outputs } = modelCase("sgd4_bn_train");
  const golden = goldenBatch();
  const [count, height, width] = golden.images.shape;
  const student = goldenDetector();
  const optimizer = sgd(student.parameters, {
    momentum: params.momentum,
    weightDecay: params.weight_decay,
  });
  const step = makeTrainStep({
    student,
    optimizer,
    clip: params.clip_grad_norm,
  });
  const goldenStep = {
    size: { width, height },
    imageSizes: Array(count).fill({ width, height }),
    images: await golden.images.data<"float32">(),
    labels: await golden.targets.labels.data<"int32">(),
    boxTargets: await golden.targets.boxTargets.data<"float32">(),
    regions: {},
    ids: Array(count).fill("image"),
    keys: Array(count).fill(undefined),
    epoch: 0,
    index: 0,
  };
  for (const [i, expected] of outputs.history.entries()) {
    const terms = await step.run(goldenStep, params.lr);
    assertClose(
      [terms.total, terms.qfl, terms.giou, terms.dfl],
      [
        expected.loss,
        expected.loss_cls,
        expected.loss_bbox,
        expected.loss_dfl,
      ],
      { relative: 1e-3 },
      `step ${i}`,
    );
    assertClose(
      [terms.gradientNorm],
      [expected.grad_norm_before_clip],
      { relative: normTolerance(i) },
      `gradient norm of step ${i}`,
    );
  }
  const variables = new Map([...student.parameters, ...student.buffers]);
  for (const [name, norm] of Object.entries(outputs.param_norms)) {
    if (name === "bbox_head.integral.project") continue; // the constants 0 … 16
    assertClose(
      await tf.norm(variables.get(name)!).data(),
      [norm as number],
      { relative: 1e-3 },
      name,
    );
  }
});

/** One distilling step, its teacher and all that belongs to them. */
function distilling(
  terms: DistillTerms,
  { movingWeights = false }: { movingWeights?: boolean } = {},
) {
  const student = tinyDetector(1);
  const teacher = tinyDetector(2);
  const optimizer = sgd(student.parameters);
  const outputs = cachedTeacher(teacher);
  const step = makeTrainStep({
    student,
    optimizer,
    distillation: { teacher: outputs, terms },
    movingWeights,
  });
  const all = [step, outputs, optimizer, teacher, student];
  return {
    ...step,
    student,
    teacher,
    dispose: () => all.map((x) => x.dispose()),
  };
}

Deno.test("makeTrainStep() reports each distillation term by itself, and the regions", async () => {
  const run = distilling(terms);
  // The same terms, eagerly, before the step changes the weights.
  const size = [batch.ids.length, anchors.count] as const;
  const images = tf.tensor4d(batch.images, [2, input.height, input.width, 3]);
  const targets = {
    labels: tf.tensor2d(batch.labels, [...size], "int32"),
    boxTargets: tf.tensor3d(batch.boxTargets, [...size, 4]),
  };
  const weights = { [vlrKey]: tf.tensor2d(vlr, [...size]) };
  const student = tinyDetector(1).forward(images, { training: true });
  const teacher = run.teacher.forward(images, { training: false });
  const gfl = gflLoss({ outputs: student, targets, anchors }, { head: "ld" });
  const { scoreWeights } = gfl;
  const { losses } = distillLoss(
    { student, teacher, targets, regions: weights, scoreWeights, anchors },
    terms,
  );
  const reported = await run.run(batch, 0.01);
  const expected = { qfl: gfl.qfl, giou: gfl.giou, dfl: gfl.dfl, ...losses };
  let total = 0;
  for (const [name, loss] of Object.entries(expected)) {
    const [value] = await loss.data();
    assertClose([reported[name]], [value], { relative: 1e-4 }, name);
    total += value;
  }
  assertClose([reported.total], [total], { relative: 1e-4 });
  const count = (weights: ArrayLike<number>, inside: (w: number) => boolean) =>
    Array.from(weights).filter(inside).length;
  const classes = data.dataset.classes.length;
  assert.equal(
    reported.mainLocations,
    count(batch.labels, (label) => label < classes),
  );
  assert.equal(reported.vlrLocations, count(vlr, (weight) => weight > 0));
  assert.ok(reported.mainLocations > 0 && reported.vlrLocations > 0);
  assert.ok(reported.gradientNorm > 0);
  assert.deepEqual(
    Object.keys(reported).toSorted(),
    [
      ...Object.keys(expected),
      "total",
      "gradientNorm",
      "mainLocations",
      "vlrLocations",
    ].toSorted(),
  );
  run.dispose();
});

Deno.test("makeTrainStep() takes a new temperature without recording anew", async () => {
  const run = distilling(PRESETS.cvpr2022.terms);
  const before = await run.run(batch, 0);
  run.temperatures.ld = run.temperatures.vlrLd = 2;
  const softened = await run.run(batch, 0);
  assert.notEqual(softened.ld, before.ld);
  assert.notEqual(softened.vlrLd, before.vlrLd);
  assert.equal(softened.kd, before.kd);
  if (engine.backend === "tensorflow") {
    assert.equal(run.statistics.recordings, 1);
  }
  run.temperatures.ld = 0;
  await assert.rejects(run.run(batch, 0), /RangeError: .*temperature of ld.*0/);
  assert.throws(() => run.temperatures.vlrld = 2, TypeError); // misspelt
  run.dispose();
});

Deno.test("makeTrainStep() takes new weights of terms without recording anew, where they move", async () => {
  const still = distilling(PRESETS.cvpr2022.terms);
  assert.deepEqual(still.weights, {});
  const expected = await still.run(batch, 0);
  still.dispose();

  const run = distilling(PRESETS.cvpr2022.terms, { movingWeights: true });
  assert.deepEqual(run.weights, { ld: 0.25, vlrLd: 0.25, kd: 10 });
  const same = await run.run(batch, 0);
  for (const [name, value] of Object.entries(expected)) {
    assertClose([same[name]], [value], { relative: 1e-6 }, name);
  }
  Object.assign(run.weights, { ld: 1, vlrLd: 0, kd: -5 });
  const moved = await run.run(batch, 0);
  assertClose([moved.ld], [4 * same.ld], { relative: 1e-6 });
  assert.equal(moved.vlrLd, 0);
  assertClose([moved.kd], [-same.kd / 2], { relative: 1e-6 });
  const { qfl, giou, dfl, ld, kd, total } = moved;
  assertClose([total], [qfl + giou + dfl + ld + kd], { relative: 1e-6 });
  if (engine.backend === "tensorflow") {
    assert.equal(run.statistics.recordings, 1);
  }
  run.weights.ld = Infinity;
  await assert.rejects(run.run(batch, 0), /RangeError: .*weight of ld.*finite/);
  assert.throws(() => run.weights.vlrld = 1, TypeError); // misspelt
  run.dispose();
});

Deno.test("makeTrainStep() learns from a term by its weight of the moment", async () => {
  const { ld } = PRESETS.cvpr2022.terms;
  const run = distilling({ ld }, { movingWeights: true });
  // The gradient is g + w h, so its squared norm is a polynomial of degree 2 in w.
  const squares: number[] = [];
  for (const weight of [0, 1e3, 2e3, 3e3]) {
    run.weights.ld = weight;
    squares.push((await run.run(batch, 0)).gradientNorm ** 2);
  }
  const [none, once, twice, thrice] = squares;
  assert.ok(thrice > 2 * none, `${squares}`);
  assertClose([thrice - 3 * twice + 3 * once], [none], {
    absolute: 1e-4 * thrice,
  });
  run.dispose();
});

Deno.test("makeTrainStep() refuses a temperature that is not above 0", () => {
  for (const temperature of [0, -1, NaN]) {
    assert.throws(
      () => distilling({ ld: { ...terms.ld, temperature } }),
      (error) => error instanceof RangeError && /of ld/.test(error.message),
    );
  }
});

Deno.test("makeTrainStep() moves the weights by the rate it is given, and by nothing at 0", async () => {
  const student = tinyDetector(1);
  const optimizer = sgd(student.parameters);
  const step = makeTrainStep({ student, optimizer });
  const scale = student.parameters.get("bbox_head.gfl_cls.bias")!;
  const fresh = await scale.data<"float32">();
  await step.run(batch, 0);
  assert.deepEqual(await scale.data(), fresh);
  await step.run(batch, 0.01);
  assert.notDeepEqual(await scale.data(), fresh);
});

Deno.test("makeTrainStep() trains on images without boxes", async () => {
  const run = distilling(terms);
  const report = await run.run({
    ...batch,
    labels: batch.labels.map(() => data.dataset.classes.length),
    boxTargets: batch.boxTargets.map(() => 0),
    regions: { [vlrKey]: vlr.map(() => 0) },
  }, 0.01);
  const none = ["giou", "dfl", "ld", "vlrLd", "kd", "vlrKd"];
  for (const name of [...none, "mainLocations", "vlrLocations"]) {
    assert.equal(report[name], 0, name);
  }
  // Only the background's scores are left to learn.
  assert.ok(report.qfl > 0 && report.gradientNorm > 0);
  assert.equal(report.total, report.qfl);
  for (const [name, { data }] of await readState(run.state)) {
    assert.ok(data.every(Number.isFinite), name);
  }
  run.dispose();
});

Deno.test("makeTrainStep() copies the images of a batch once, for teacher and student", async () => {
  const session = currentSession();
  if (session === null) return; // of another backend
  const student = tinyDetector(3);
  const teacher = tinyDetector(4);
  const outputs = liveTeacher(teacher);
  const optimizer = sgd(student.parameters);
  const run = makeTrainStep({
    ...{ student, optimizer },
    distillation: { teacher: outputs, terms },
  });
  const { runtime } = session;
  const hold = runtime.hold.bind(runtime);
  const ofImages = [batch.ids.length, input.height, input.width, 3];
  let copies = 0;
  runtime.hold = (dtype, shape, values) => {
    if (`${shape}` === `${ofImages}`) copies++;
    return hold(dtype, shape, values);
  };
  try {
    await run.run(batch, 0);
  } finally {
    runtime.hold = hold;
  }
  assert.equal(copies, 1);
  const alone = await outputs.of(batch); // without a tensor it makes one
  tf.dispose([alone.classLogits, alone.boxLogits]);
  for (const part of [run, optimizer, outputs, teacher, student]) {
    part.dispose();
  }
});

Deno.test("makeTrainStep() leaves no tensor behind when a batch does not fit", async () => {
  const run = distilling(PRESETS.cvpr2022.terms);
  const held = engine.memory().tensors;
  for (const part of ["images", "labels", "boxTargets"] as const) {
    const short = { ...batch, [part]: batch[part].slice(1) };
    await assert.rejects(run.run(short, 0.01));
    assert.equal(engine.memory().tensors, held, part);
  }
  for (
    const wrong of [
      { labelWeights: new Float32Array(batch.labels.length - 1) },
      { size: { width: input.height, height: input.height } },
      // As many pixels, but other anchors.
      { size: { width: input.width * 2, height: input.height / 2 } },
    ]
  ) {
    await assert.rejects(run.run({ ...batch, ...wrong }, 0.01));
    assert.equal(engine.memory().tensors, held, `${Object.keys(wrong)}`);
  }
  const short = { [vlrKey]: vlr.slice(1) };
  await assert.rejects(run.run({ ...batch, regions: short }, 0.01));
  assert.equal(engine.memory().tensors, held);
  await assert.rejects(
    run.run({ ...batch, regions: {} }, 0.01),
    /TypeError: .*must bring the region vlr\(.*current ones are none/,
  );
  assert.equal(engine.memory().tensors, held);
  run.dispose();
});

Deno.test("makeTrainStep() leaves no tensor or handle behind", async () => {
  const start = engine.memory();
  const run = distilling(PRESETS.cvpr2022.terms);
  await run.run(batch, 0.01);
  const held = engine.memory();
  await run.run(batch, 0.01);
  await run.run(batch, 0.01);
  assert.deepEqual(engine.memory(), held);
  run.dispose();
  assert.deepEqual(engine.memory(), start);
});

Deno.test("makeTrainStep() leaves alone what no loss reaches", async () => {
  const student = tinyDetector(1);
  const optimizer = sgd(student.parameters, { weightDecay: 0 });
  const step = makeTrainStep({
    student,
    optimizer,
    detectorLosses: { giou: 0, dfl: 0 },
  });
  const boxes = student.parameters.get("bbox_head.gfl_reg.weight")!;
  const fresh = await boxes.data();
  const { giou, dfl, qfl, total } = await step.run(batch, 0.01);
  assert.deepEqual([giou, dfl, total], [0, 0, qfl]);
  assert.deepEqual(await boxes.data(), fresh);
  for (const part of [step, optimizer, student]) part.dispose();
});
