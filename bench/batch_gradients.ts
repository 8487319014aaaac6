// B images, A locations of all levels.
import * as tf from "@tensorflow/tfjs-core";
import type { Batch } from "../lib/data/mod.ts";
import {
  anchorsOf,
  type Detector,
  detectorLoss,
} from "../lib/detectors/mod.ts";
import { distillLoss, type DistillTerms } from "../lib/distill/mod.ts";
import type { TeacherOutputs } from "../lib/train/mod.ts";

/** What a batch would change at a student's backbone and neck. */
export interface BatchGradients {
  /** Of the student's own losses, in one row. */
  readonly own: Float32Array;
  /** Of the terms. */
  readonly terms: Float32Array;
  /** How many locations of the batch the terms' regions have. */
  readonly locations: number;
}

/**
 * The gradients of a batch at a GFL student's backbone and neck.
 *
 * @param student Its running statistics move, its parameters do not.
 * @param batch As the loader brings it, with the regions of the terms.
 * @param options.said What the teacher says, with features.
 * @param options.terms Those whose gradient is wanted.
 * @param options.replicas Parts of the batch, as `distillLoss` takes them.
 */
export async function batchGradients(
  student: Detector,
  { ids, keys, size, images, labels, boxTargets, regions }: Batch,
  { said, terms, replicas }: {
    said: TeacherOutputs;
    terms: DistillTerms;
    replicas: number;
  },
): Promise<BatchGradients> {
  const [B, A] = [ids.length, labels.length / ids.length];
  const input = tf.tensor4d(images, [B, size.height, size.width, 3]);
  const teacher = await said.of({ images, size, keys }, input);
  const anchors = anchorsOf(student.config, size);
  const shared = [...student.parameters]
    .filter(([name]) => /^(backbone|neck)\./.test(name))
    .map(([, variable]) => variable);

  /** The losses of the student and of the terms, and the regions' sizes. */
  const compute = () => {
    const outputs = student.forward(input, { training: true });
    const targets = {
      labels: tf.tensor2d(labels, [B, A], "int32"),
      boxTargets: tf.tensor3d(boxTargets, [B, A, 4]),
    };
    const own = detectorLoss(
      student.config,
      { outputs, targets, anchors },
      { head: "ld" },
    );
    const given = Object.entries(regions)
      .map(([key, weights]) => [key, tf.tensor2d(weights, [B, A])] as const);
    const distilled = distillLoss(
      {
        student: outputs,
        teacher,
        targets,
        anchors,
        scoreWeights: own.scoreWeights,
        regions: Object.fromEntries(given),
      },
      terms,
      { replicas },
    );
    return {
      own: own.losses,
      terms: distilled.losses,
      sizes: distilled.regions,
    };
  };
  const gradient = async (of: "own" | "terms") => {
    const row = tf.tidy(() => {
      const { grads } = tf.variableGrads(
        () => tf.addN(Object.values(compute()[of])) as tf.Scalar,
        shared,
      );
      return tf.concat(
        shared.map((variable) =>
          tf.reshape(grads[variable.name] ?? tf.zerosLike(variable), [-1])
        ),
      );
    });
    const values = await row.data<"float32">();
    row.dispose();
    return values;
  };
  const count = tf.tidy(() => {
    const { main, ...others } = compute().sizes;
    const counted = Object.values(others);
    return tf.addN(counted.length > 0 ? counted : [main]);
  });
  const [locations] = await count.data();
  const gradients = {
    own: await gradient("own"),
    terms: await gradient("terms"),
    locations,
  };
  const { classLogits, boxLogits, features = [] } = teacher;
  tf.dispose([count, input, classLogits, boxLogits, ...features]);
  return gradients;
}
