import { createTrainingBatches, type Dataset } from "../../lib/data/mod.ts";
import {
  createDetector,
  type Detector,
  targetRuleOf,
} from "../../lib/detectors/mod.ts";
import { PRESETS } from "../../lib/distill/mod.ts";
import {
  type BatchLogits,
  openBatchLogits,
} from "../../lib/eval/batch_logits.ts";
import { evaluateCoco, openDecoder } from "../../lib/eval/mod.ts";
import { regionKey } from "../../lib/regions/mod.ts";
import {
  cachedTeacher,
  type DetectorStep,
  type HostTensor,
  makeTrainStep,
  type Optimizer,
  readState,
  restoreState,
  type TeacherOutputs,
} from "../../lib/train/mod.ts";
import type { RunConfig } from "../config.ts";
import type { ImageOutputs } from "../test_outputs.ts";
import { makeOptimizer } from "../trained_parts.ts";
import { logitsOf, type PanelImage } from "./images.ts";
import type { PanelSettings } from "./settings.ts";

/** What is distilled: all terms, whose weights move. */
const { terms } = PRESETS.cvpr2022;
/** The region that a recorded step knows; what is in it follows γ. */
const RECORDED = regionKey(terms.vlrLd.region);
/** Of the start values and the order of the images. */
const SEED = 0;

/** What a student learns with: the sliders but those that only look. */
export type StudentSettings = Omit<PanelSettings, "image" | "level">;

/**
 * A student in training whose hyperparameters may change at every step: all are
 * inputs of one compiled step, so that nothing is recorded anew. γ decides the
 * weights of a region, which the batches bring. Calls wait for one another.
 */
export class PanelStudent {
  readonly #config: RunConfig;
  readonly #data: Dataset;
  readonly #detector: Detector;
  readonly #outputs: TeacherOutputs;
  readonly #optimizer: Optimizer;
  readonly #step: DetectorStep;
  readonly #pass: BatchLogits;
  #fresh: ReadonlyMap<string, HostTensor> | undefined;
  #batches: { gamma: number; of: ReturnType<typeof createTrainingBatches> };
  #iteration = 0;
  #last: Promise<unknown> = Promise.resolve();

  /**
   * @param config Of the student, without distillation.
   * @param teacher Stays the caller's.
   * @param data What it learns from.
   */
  constructor(config: RunConfig, teacher: Detector, data: Dataset) {
    this.#config = config;
    this.#data = data;
    this.#batches = this.#batchesOf(0.25);
    this.#detector = createDetector(config.model, { seed: SEED });
    this.#outputs = cachedTeacher(teacher);
    this.#optimizer = makeOptimizer(config, [this.#detector]);
    this.#step = makeTrainStep({
      student: this.#detector,
      optimizer: this.#optimizer,
      clip: config.clipNorm ?? undefined,
      distillation: { teacher: this.#outputs, terms },
      movingWeights: true,
    });
    this.#pass = openBatchLogits(this.#detector);
  }

  /** Steps done since the start. */
  get iteration(): number {
    return this.#iteration;
  }

  /** How often the training step was recorded. */
  get recordings(): number {
    return this.#step.statistics.recordings;
  }

  /**
   * Does a step.
   *
   * @returns The weighted losses, `total`, `gradientNorm` and the sizes of the
   * regions, of the weights before the step.
   */
  step(settings: StudentSettings): Promise<Record<string, number>> {
    return this.#inTurn(async () => {
      this.#fresh ??= await readState(this.#step.state);
      const { temperature, ldWeight, vlrWeight, kdWeight, gamma } = settings;
      if (gamma !== this.#batches.gamma) this.#batches = this.#batchesOf(gamma);
      const { batchesPerEpoch, prepare } = this.#batches.of;
      const batch = await prepare(
        Math.floor(this.#iteration / batchesPerEpoch),
        this.#iteration % batchesPerEpoch,
      );
      const [region] = Object.values(batch.regions);
      const { temperatures, weights } = this.#step;
      temperatures.ld = temperatures.vlrLd = temperature;
      Object.assign(weights, {
        ld: ldWeight,
        vlrLd: vlrWeight,
        kd: kdWeight,
      });
      const report = await this.#step.run(
        { ...batch, regions: { [RECORDED]: region } },
        settings.learningRate,
      );
      this.#iteration++;
      return report;
    });
  }

  /** Gives it the weights it began with; it sees the images in the same order. */
  restart(): Promise<void> {
    return this.#inTurn(() => {
      this.#iteration = 0;
      if (!this.#fresh) return;
      restoreState(this.#step.state, this.#fresh, "the student's start");
    });
  }

  /**
   * Records what is compiled, which blocks for seconds; the student stays as fresh
   * as it was.
   */
  async warmUp(settings: StudentSettings, image: PanelImage): Promise<void> {
    await this.step(settings);
    await this.says(image);
    await this.restart();
  }

  /** What it says about a test image, as it is now. */
  says({ record, batch }: PanelImage): Promise<ImageOutputs> {
    return this.#inTurn(async () => ({
      record,
      ...await logitsOf(this.#pass, batch),
    }));
  }

  /**
   * AP on a panel's images.
   *
   * @returns The student's now, in [0, 1].
   */
  async measure(images: readonly PanelImage[]): Promise<number> {
    const said: ImageOutputs[] = [];
    for (const image of images) said.push(await this.says(image));
    return averagePrecision(images, said, this.#config);
  }

  /** Frees all but the teacher, after the calls that were made before. */
  dispose(): Promise<void> {
    return this.#inTurn(() => {
      this.#step.dispose();
      this.#pass.dispose();
      this.#outputs.dispose();
      this.#optimizer.dispose();
      this.#detector.dispose();
    });
  }

  #batchesOf(gamma: number) {
    const { input, model, batchSize, augmentation } = this.#config;
    return {
      gamma,
      of: createTrainingBatches({
        dataset: this.#data,
        target: targetRuleOf(model),
        seed: SEED,
        augmentation: {
          flips: augmentation.flips,
          jitter: augmentation.jitter ?? undefined,
        },
        regions: [{ ...terms.vlrLd.region, gamma }],
        ...{ input, batchSize },
      }),
    };
  }

  #inTurn<T>(call: () => T | Promise<T>): Promise<T> {
    const result = this.#last.then(call);
    this.#last = result.catch(() => {}); // who called is told
    return result;
  }
}

/**
 * AP on a panel's images from what a detector says about them.
 *
 * @param said In the order of the images.
 * @returns COCO's AP in [0, 1].
 */
export function averagePrecision(
  images: readonly PanelImage[],
  said: readonly ImageOutputs[],
  { model }: Pick<RunConfig, "model">,
): number {
  const decode = openDecoder(model);
  const found = said.map(({ record: _, ...logits }, index) => {
    const { size, imageSizes, paddedSizes, scales } = images[index].batch;
    return decode(logits, {
      size,
      imageSize: imageSizes[0],
      paddedSize: paddedSizes[0],
      scale: scales[0],
    });
  });
  const truth = images.map(({ record }) => record);
  return evaluateCoco(truth, found, { numClasses: model.numClasses }).ap;
}
