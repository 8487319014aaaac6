import * as tf from "@tensorflow/tfjs-core";
import type { Batch } from "../lib/data/mod.ts";
import type { Detector } from "../lib/detectors/mod.ts";
import { type DistillTerms, termNeeds } from "../lib/distill/mod.ts";
import { regionKey } from "../lib/regions/mod.ts";
import type { TeacherOutputs } from "../lib/train/mod.ts";
import {
  addBatchInputs,
  addDistillInputs,
  type StepInputs,
} from "../lib/train/step_inputs.ts";
import { stepLosses } from "../lib/train/step_losses.ts";

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
  batch: Batch,
  { said, terms, replicas }: {
    said: TeacherOutputs;
    terms: DistillTerms;
    replicas: number;
  },
): Promise<BatchGradients> {
  const inputs = { learningRate: tf.scalar(0) } as unknown as StepInputs;
  addBatchInputs(inputs, batch);
  addDistillInputs(inputs, {
    outputs: await said.of(batch, inputs.images),
    batch,
    regions: termNeeds(terms).regions.map(regionKey),
    terms,
    temperatures: {},
  });
  const shared = [...student.parameters]
    .filter(([name]) => /^(backbone|neck)\./.test(name))
    .map(([, variable]) => variable);
  const compute = () =>
    stepLosses(inputs, student.forward(inputs.images, { training: true }), {
      config: student.config,
      distillation: { terms },
      replicas,
    });
  const gradient = async (isCounted: (loss: string) => boolean) => {
    const row = tf.tidy(() => {
      const { grads } = tf.variableGrads(() => {
        const counted = Object.entries(compute().losses)
          .filter(([name]) => isCounted(name));
        return tf.addN(counted.map(([, loss]) => loss)) as tf.Scalar;
      }, shared);
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
    const { mainLocations, ...others } = compute().regions;
    const counted = Object.values(others);
    return tf.addN(counted.length > 0 ? counted : [mainLocations]);
  });
  const [locations] = await count.data();
  const gradients = {
    own: await gradient((loss) => !(loss in terms)),
    terms: await gradient((loss) => loss in terms),
    locations,
  };
  tf.dispose([count, inputs]);
  return gradients;
}
