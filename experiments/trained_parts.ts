import { type Detector, resolveDetectorConfig } from "../lib/detectors/mod.ts";
import {
  createDistillModules,
  type DistillModules,
} from "../lib/distill/mod.ts";
import { adamW, type Optimizer, sgd } from "../lib/train/mod.ts";
import type { RunConfig } from "./config.ts";
import { teacherModel } from "./teacher_model.ts";

/**
 * Makes the layers that a run's terms are trained with.
 *
 * @param config The run; one without a teacher has none.
 * @param student Whose features the layers adapt.
 * @param seed Of the run.
 * @returns The layers; most runs have none.
 */
export function makeModules(
  { terms, teacher }: RunConfig,
  student: Detector,
  seed: number,
): DistillModules {
  const { neckChannels } = teacher
    ? resolveDetectorConfig(teacherModel(teacher))
    : student.config;
  return createDistillModules(teacher ? terms : {}, {
    studentChannels: student.config.neckChannels,
    teacherChannels: neckChannels,
    seed,
  });
}

/**
 * Makes the optimizer of a run.
 *
 * @param config The run.
 * @param networks What it trains: the student and the layers of its terms.
 * @returns The optimizer.
 */
export function makeOptimizer(
  { optimizer: { kind, weightDecay, momentum, biases } }: RunConfig,
  networks: readonly Pick<Detector, "parameters">[],
): Optimizer {
  const parameters = new Map(networks.flatMap((x) => [...x.parameters]));
  return kind === "sgd"
    ? sgd(parameters, {
      weightDecay,
      momentum: momentum ?? undefined,
      biases: biases ?? undefined,
    })
    : adamW(parameters, { weightDecay });
}
