import { PRESETS } from "../../lib/distill/mod.ts";
import { requireAgreement } from "../agreement.ts";
import { type PythonPeer, startPythonPeer } from "../python_peer.ts";
import type { Pair, Row } from "../row.ts";
import { openOurStep, type StepTask } from "../steps/step_task.ts";
import { makeSyntheticBatch } from "../steps/synthetic_batch.ts";

/** Steps of both sides that are compared before any is timed. */
const COMPARED = 3;

/** The published pair with every term of LD at CVPR 2022, on noise. */
export function publishedStep(
  { size, batchSize, boxes = 8 }: {
    size: number;
    batchSize: number;
    boxes?: number;
  },
): StepTask {
  const input = { width: size, height: size };
  // The published configs: ImageNet's statistics and first stage stay.
  const config = { numClasses: 80, frozenStages: 1, normEval: true } as const;
  return {
    input,
    student: { ...config, depth: 18 },
    teacher: { ...config, depth: 50 },
    cached: false,
    // The released code knows the fourth term too, and weighs it by 0.
    terms: { ...PRESETS.cvpr2022, vlrKd: PRESETS.cvpr2022.kd },
    optimizer: { kind: "sgd", learningRate: 1e-4, weightDecay: 1e-4 },
    batch: (anchors) =>
      makeSyntheticBatch({ input, anchors, batchSize, boxes, numClasses: 80 }),
  };
}

/** Sets both sides of a step up and compares their first updates. */
export async function prepareStep(
  task: StepTask,
  describe: (layout: string) => string,
): Promise<Pair> {
  const folder = await Deno.makeTempDir({ prefix: "ldlab-bench-" });
  const ours = await openOurStep(task, folder);
  let peer: PythonPeer | undefined;
  const close = async () => {
    await ours.close();
    await Deno.remove(folder, { recursive: true });
  };
  try {
    peer = await startPythonPeer("distillation_step", {
      ...ours.forPeer,
      precision: "float32",
    });
    const { layout } = await peer.call<{ layout: string }>("best_layout");
    for (let step = 0; step < COMPARED; step++) {
      requireAgreement(await ours.step(), await peer.call("step"));
    }
    return { ours: { ...ours, close }, peer, note: describe(layout) };
  } catch (error) {
    await close();
    await peer?.close();
    throw error;
  }
}

function published(id: string, size: number, batchSize: number): Row {
  return {
    id,
    work: `distillation step, float32, batch ${batchSize} at ${size}²`,
    peer: "eager PyTorch",
    limit: 1,
    prepare: () =>
      prepareStep(
        publishedStep({ size, batchSize }),
        (layout) =>
          "R50-GFL teacher's forward pass and R18-GFL student's training step, " +
          "80 classes, 8 boxes an image, LD and KD on both regions; SGD; batch " +
          `norms with running statistics, as published; PyTorch ${layout}`,
      ),
  };
}

/** The published pair at two sizes. */
export const distillationSteps: readonly Row[] = [
  published("step-320", 320, 2),
  published("step-96", 96, 8),
];
