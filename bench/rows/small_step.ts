import { fileURLToPath } from "node:url";
import { readSplits } from "../../experiments/data.ts";
import { SCALES } from "../../experiments/scales.ts";
import { stretchedSize } from "../../experiments/stretched_size.ts";
import { createTrainingBatches } from "../../lib/data/mod.ts";
import { PRESETS } from "../../lib/distill/mod.ts";
import { startPeerProcess } from "../peer_process.ts";
import type { Row } from "../row.ts";
import { prepareStep } from "../steps/prepare_step.ts";
import type { StepTask } from "../steps/step_task.ts";

const script = fileURLToPath(
  new URL("../peers/small_step.ts", import.meta.url),
);

/**
 * The step of the table that `./ldlab demo` makes: the `small` scale's student
 * with LD, on its first batch of real images.
 */
export function smallStep(): StepTask {
  const { student, teacher } = SCALES.small;
  return {
    input: stretchedSize(student),
    student: student.model,
    teacher: teacher.model,
    cached: true,
    terms: PRESETS.ld2021.terms,
    // A smaller rate than the scale's, as both sides must go the same way.
    optimizer: { ...student.optimizer, learningRate: 1e-5 },
    clip: student.clipNorm ?? undefined,
    batch: async () => {
      const { train: dataset } = await readSplits(student.data, () => {});
      const { batchSize, input, augmentation: { flips } } = student;
      return await createTrainingBatches({
        ...{ dataset, batchSize, input },
        augmentation: { flips },
        seed: 0,
      }).prepare(0, 0);
    },
  };
}

/** Our side in a process of its own, which opens the engine as runs do. */
async function openApart(folder: string) {
  const command = Deno.execPath();
  // Type checking is left to `deno check`.
  const args = ["run", "-A", "--no-check", script];
  const side = await startPeerProcess("small_step", { command, args }, {
    folder,
  });
  const forPeer = await side.call<Record<string, unknown>>("forPeer");
  const step = () => side.call<Record<string, number>>("step");
  return { ours: { ...side, step }, forPeer };
}

/** The `small` scale's step. */
export const smallStepRow: Row = {
  id: "small",
  work: "distillation step of the small scale, float32, batch 8 at 256×192",
  peer: "eager PyTorch",
  limit: 0.6,
  prepare: () =>
    prepareStep(openApart, {
      describe: (layout) =>
        "R18-GFL student of width 16 on real images, LD from the teacher's kept " +
        "outputs, batch norms with the batch's statistics, clipping, AdamW; ours " +
        "with one thread an op, as these runs have it; " +
        `PyTorch ${layout}`,
    }),
};
