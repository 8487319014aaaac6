import assert from "node:assert/strict";
import { createTrainingBatches } from "ldlab/data/training_batches.ts";
import { measureComplexity } from "ldlab/detectors/complexity.ts";
import type { Detector } from "ldlab/detectors/detector.ts";
import { createDetector } from "ldlab/detectors/create_detector.ts";
import { exportWeights } from "ldlab/detectors/weights.ts";
import { PRESETS } from "ldlab/distill/presets.ts";
import { openEngine } from "ldlab/engine/open_engine.ts";
import { currentSession } from "ldlab/engine/session.ts";
import { activeBackend } from "ldlab/engine/tensorflow_backend.ts";
import { predict } from "ldlab/eval/predict.ts";
import { sgd } from "ldlab/train/sgd.ts";
import { makeTrainStep } from "ldlab/train/step.ts";
import type { Distillation } from "ldlab/train/step_options.ts";
import { liveTeacher } from "ldlab/train/teacher.ts";
import { data, input, tinyDetector } from "../train/tiny_detector.ts";

const engine = await openEngine({ backend: "tensorflow" });
const batch = await createTrainingBatches({
  ...data,
  regions: [{ kind: "vlr" }],
}).prepare(0, 0);

/** A student after three steps of training, and the losses of the last one. */
async function train(distillation?: Distillation) {
  const student = tinyDetector(1);
  const optimizer = sgd(student.parameters);
  const step = makeTrainStep({
    student,
    optimizer,
    distillation,
  });
  let losses: Record<string, number> = {};
  for (let i = 0; i < 3; i++) losses = await step.run(batch, 0.01);
  step.dispose();
  optimizer.dispose();
  return { student, losses };
}

/**
 * The graph that evaluation records of a detector, op by op: name, attributes
 * and where each input comes from, the weights by their names.
 */
async function inferenceGraph(detector: Detector): Promise<string[]> {
  const session = currentSession()!;
  const graph: string[] = [];
  const sources = new Map<number, string>();
  for (const map of [detector.parameters, detector.buffers]) {
    for (const [name, variable] of map) {
      sources.set(activeBackend().idOf(variable), name);
    }
  }
  let inputs = 0;
  const source = (id: number) => {
    if (!sources.has(id)) sources.set(id, `input ${inputs++}`);
    return sources.get(id)!;
  };
  const { create, execute } = session;
  session.create = (dtype, shape, values) => {
    const id = create.call(session, dtype, shape, values);
    if (session.recording !== null) {
      sources.set(id, `constant ${dtype} [${shape}] ${values}`);
    }
    return id;
  };
  session.execute = (name, attributes, ids, count) => {
    const outputs = execute.call(session, name, attributes, ids, count);
    if (session.recording !== null) {
      const from = ids.map(source).join("; ");
      outputs.forEach(({ id }, i) => sources.set(id, `${graph.length}.${i}`));
      graph.push(`${name} ${JSON.stringify(attributes)} of ${from}`);
    }
    return outputs;
  };
  try {
    const { images } = batch;
    const indices = [...batch.ids.keys()];
    const sizes = indices.map(() => input);
    const scales = indices.map(() => ({ x: 1, y: 1 }));
    await predict({
      detector,
      batches: (async function* () {
        yield {
          size: input,
          images,
          indices,
          imageSizes: sizes,
          paddedSizes: sizes,
          scales,
        };
      })(),
    });
  } finally {
    Object.assign(session, { create, execute });
  }
  return graph;
}

/** What deploying a detector takes. */
async function deployment(detector: Detector) {
  const weights = await exportWeights(detector);
  return {
    graph: await inferenceGraph(detector),
    shapes: [...weights].map(([name, { shape }]) => [name, shape]),
    complexity: measureComplexity(detector, input),
  };
}

Deno.test("distillation changes a student's weights, and neither its graph nor its size nor its cost", async () => {
  const before = engine.memory();
  const like = tinyDetector(2);
  const teacher = createDetector({ ...like.config, headConvs: 2 }, { seed: 2 });
  like.dispose();
  const taughtBy = await exportWeights(teacher);
  const outputs = liveTeacher(teacher);
  const { kd } = PRESETS.cvpr2022.terms;
  const terms = {
    ...PRESETS.cvpr2022.terms,
    vlrKd: { ...kd, region: { kind: "vlr" } },
  } as const;
  const plain = await train();
  const distilled = await train({ teacher: outputs, terms });
  outputs.dispose();
  for (const term of Object.keys(terms)) {
    assert.ok(distilled.losses[term] > 0, term);
    assert.ok(!(term in plain.losses), term);
  }

  const deployed = await deployment(distilled.student);
  assert.deepEqual(deployed, await deployment(plain.student));
  // What is compared is the whole network: each weight is read in the graph.
  const read = new Set(
    deployed.graph.flatMap((op) => op.split(" of ").at(-1)!.split("; ")),
  );
  for (const [name] of deployed.shapes) {
    assert.ok(read.has(name as string), `${name}`);
  }
  // And the comparison tells a detector of another graph.
  assert.notDeepEqual(await inferenceGraph(teacher), deployed.graph);

  const name = "bbox_head.gfl_reg.weight";
  assert.notDeepEqual(
    (await exportWeights(distilled.student)).get(name),
    (await exportWeights(plain.student)).get(name),
  );
  // The teacher has learnt nothing, running statistics included.
  assert.deepEqual(await exportWeights(teacher), taughtBy);
  for (const detector of [teacher, plain.student, distilled.student]) {
    detector.dispose();
  }
  assert.deepEqual(engine.memory(), before);
});
