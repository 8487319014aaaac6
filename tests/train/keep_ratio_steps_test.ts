// Training on images that keep their ratio of sides: padded, in batches of two
// sizes, with a teacher that sees them too.
import assert from "node:assert/strict";
import { inputSizes } from "ldlab/data/input.ts";
import { createLoader } from "ldlab/data/loader.ts";
import { makeScenes } from "ldlab/data/scenes.ts";
import { createDetector } from "ldlab/detectors/create_detector.ts";
import { targetRuleOf } from "ldlab/detectors/detector_anchors.ts";
import { DETECTOR_PRESETS, IMITATION, PRESETS } from "ldlab/distill/presets.ts";
import { termNeeds } from "ldlab/distill/term_needs.ts";
import type { DistillTerms } from "ldlab/distill/terms.ts";
import { openEngine } from "ldlab/engine/mod.ts";
import { sgd } from "ldlab/train/sgd.ts";
import { makeTrainStep } from "ldlab/train/step.ts";
import { cachedTeacher } from "ldlab/train/teacher.ts";
import { tinyConfig } from "./tiny_detector.ts";

const engine = await openEngine();

const sizes = [[128, 60], [128, 96], [60, 128], [96, 128]] as const;
const dataset = {
  ...makeScenes({ seed: 1, count: 1 }),
  images: sizes.flatMap(([width, height], seed) =>
    makeScenes({ seed, count: 2, width, height }).images
  ),
};
const input = {
  kind: "keepRatio",
  train: { mode: "value", scales: [[128, 96]] },
  test: [128, 96],
  buckets: 2,
} as const;

/** FitNets beside LD: `all` is a region of its own in padding. */
const lessons: Record<"gfl" | "fcos" | "retina", DistillTerms> = {
  gfl: { ...PRESETS.cvpr2022.terms, ...IMITATION.fitNets },
  fcos: DETECTOR_PRESETS.fcos.terms,
  retina: { ...DETECTOR_PRESETS.retina.terms, ...IMITATION.fitNets },
};
for (const [kind, terms] of Object.entries(lessons)) {
  Deno.test(`makeTrainStep() trains ${kind} on padded images of two sizes, its teacher looking at each once`, async () => {
    const before = engine.memory();
    const config = { ...tinyConfig, kind: kind as keyof typeof lessons };
    const [student, teacher] = [1, 2]
      .map((seed) => createDetector(config, { seed }));
    const optimizer = sgd(student.parameters);
    const { regions, features } = termNeeds(terms);
    const outputs = cachedTeacher(teacher, { features });
    const step = makeTrainStep({
      ...{ student, optimizer, clip: 35, replicas: 2 },
      distillation: { teacher: outputs, terms },
    });
    const target = targetRuleOf(config);
    const seen = new Set<string>();
    const kept: number[] = [];
    let padding = 0;
    for await (
      const batch of createLoader({
        ...{ dataset, input, target, regions, batchSize: 2, seed: 0 },
        augmentation: { flips: false },
        epochs: 2,
      })
    ) {
      const { width, height } = batch.size;
      seen.add(`${width}x${height}`);
      const report = await step.run(batch, 1e-3);
      for (const [name, value] of Object.entries(report)) {
        assert.ok(Number.isFinite(value), name);
      }
      kept.push(outputs.bytes);
      // Where images are lower than the input, the rest is no one's to learn.
      if (kind === "gfl") {
        const learnt = batch.labelWeights!.reduce((sum, one) => sum + one);
        assert.equal(report.allLocations, learnt);
        padding += batch.labels.length - learnt;
      }
    }
    if (kind === "gfl") assert.ok(padding > 0);
    assert.equal(seen.size, inputSizes(dataset.images, input, "train").length);
    assert.equal(seen.size, 2);
    assert.equal(step.statistics.recordings, 2);
    const epoch = kept.length / 2;
    assert.equal(kept.at(-1), kept[epoch - 1], "the second epoch is kept");
    for (const part of [step, outputs, optimizer, student, teacher]) {
      part.dispose();
    }
    assert.deepEqual(engine.memory(), before);
  });
}
