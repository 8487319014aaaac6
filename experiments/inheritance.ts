import {
  createDetector,
  type Detector,
  exportWeights,
  loadWeights,
} from "../lib/detectors/mod.ts";
import type { RunConfig } from "./config.ts";
import { openWeights } from "./open_weights.ts";
import { openRunEngine } from "./run_engine.ts";
import type { RunWeights } from "./run_weights.ts";
import type { RunStore } from "./store.ts";
import { teacherModel } from "./teacher_model.ts";
import { readWeights } from "./weights.ts";

type Weights = Parameters<typeof loadWeights>[1];

/**
 * Starts a student with its teacher's neck and head, so that only its backbone
 * is fresh: FGD's "inheriting strategy".
 *
 * @param student Changes; its backbone does not.
 * @param teacher The teacher's weights by name, as {@linkcode exportWeights}
 * gives them.
 * @throws {TypeError} If a parameter has another shape, with its name. The
 * released code passes over such a parameter with a warning, and the student's
 * own start value stays.
 * @throws {RangeError} If a parameter is there on one side only.
 * @see Yang et al., "Focal and Global Knowledge Distillation for Detectors",
 * CVPR 2022; `init_student` of the released `DetectionDistiller`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import "@tensorflow/tfjs";
 * import { createDetector, exportWeights } from "ldlab/detectors/mod.ts";
 * import { inheritNeckAndHead } from "./inheritance.ts";
 * const config = {
 *   kind: "gfl", numClasses: 3, backbone: { depth: 18, baseWidth: 4 }, neckChannels: 8, headChannels: 8,
 *   headConvs: 1, groups: 4,
 * } as const;
 * const [student, teacher] = [1, 2].map((seed) => createDetector(config, { seed }));
 * inheritNeckAndHead(student, await exportWeights(teacher));
 * const [own, its] = [await exportWeights(student), await exportWeights(teacher)];
 * assert.deepEqual(own.get("bbox_head.gfl_reg.weight"), its.get("bbox_head.gfl_reg.weight"));
 * student.dispose();
 * teacher.dispose();
 * ```
 */
export function inheritNeckAndHead(student: Detector, teacher: Weights): void {
  loadWeights(
    {
      parameters: neckAndHead(student.parameters),
      buffers: neckAndHead(student.buffers),
    },
    neckAndHead(teacher),
  );
}

/**
 * Gives a fresh student what its run inherits from its teacher.
 *
 * @param student Changes where the run inherits.
 * @param config The run.
 * @param options.weights The run's files, as `findRunWeights()` found them.
 * @param options.store Where the teacher's run is.
 */
export async function inheritFromTeacher(
  student: Detector,
  { inherit, teacher }: RunConfig,
  { weights, store }: {
    readonly weights: RunWeights;
    readonly store: RunStore;
  },
): Promise<void> {
  if (!inherit) return;
  inheritNeckAndHead(
    student,
    "config" in teacher!
      ? await readWeights({ ...teacher, store })
      : (await openWeights(weights.teacher!.path)).tensors,
  );
}

function neckAndHead<T>(all: ReadonlyMap<string, T>): Map<string, T> {
  return new Map([...all].filter(([name]) => !name.startsWith("backbone.")));
}

/**
 * Looks whether a run can inherit what it is to inherit, before its teacher is
 * trained.
 *
 * @param label What the student is called in an error.
 * @throws {RangeError} If it has no teacher to inherit from.
 * @throws {TypeError} If a parameter has another shape.
 */
export async function checkInheritance(
  label: string,
  { inherit, model, teacher }: RunConfig,
): Promise<void> {
  if (!inherit) return;
  if (!teacher) {
    throw new RangeError(
      `Cannot start ${label}: a student that inherits must have a teacher`,
    );
  }
  await openRunEngine();
  const own = createDetector(model, { seed: null });
  const other = createDetector(teacherModel(teacher), { seed: null });
  try {
    inheritNeckAndHead(own, await exportWeights(other));
  } catch (error) {
    const { message } = error as Error;
    throw new TypeError(
      `Cannot start ${label} with its teacher's neck and head: ${message}`,
      { cause: error },
    );
  } finally {
    own.dispose();
    other.dispose();
  }
}
