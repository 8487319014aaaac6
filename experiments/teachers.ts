import type { Detector } from "../lib/detectors/mod.ts";
import type { OnRecord } from "../lib/engine/mod.ts";
import {
  cachedTeacher,
  canonicalJson,
  type Json,
  liveTeacher,
  type TeacherOutputs,
} from "../lib/train/mod.ts";
import { type RunConfig, runId } from "./config.ts";
import { openDetectorFile } from "./detector_file.ts";
import { findSource, type RunWeightsOptions } from "./run_weights.ts";
import type { RunStore } from "./store.ts";
import { openDetector } from "./weights.ts";

/** Who is distilled from, as a config names it. */
type Teacher = NonNullable<RunConfig["teacher"]>;

/** What a student needs of its teacher. */
export interface TeacherNeeds {
  readonly features: boolean;
  /** Whether it keeps what it says, as `keepsTeacher()` decides. */
  readonly keeps: boolean;
  /** The student's classes, which weights that name theirs are held to. */
  readonly classes?: readonly string[];
}

/** Frozen teachers, shared by all who learn from them. */
export interface OpenTeachers extends AsyncDisposable {
  /**
   * What a teacher says, with or without its features, kept or live; it is opened
   * when it is first asked for.
   */
  outputs(teacher: Teacher, needs: TeacherNeeds): Promise<TeacherOutputs>;
}

/**
 * Opens teachers when they are needed, each once: from their finished runs, or
 * from files of weights.
 *
 * @param store Where the runs are.
 * @param options.onRecord Told before a teacher is recorded; awaited.
 * @param options.allowDownload Whether weights may be downloaded.
 * @returns The teachers; disposing frees them all.
 */
export function openTeachers(
  store: RunStore,
  { onRecord, ...find }: { onRecord?: OnRecord } & RunWeightsOptions = {},
): OpenTeachers {
  const opened = new Map<
    string,
    Promise<{ detector: Detector; outputs: TeacherOutputs }>
  >();
  const open = async (
    teacher: Teacher,
    { features, keeps, classes }: TeacherNeeds,
  ) => {
    const detector = "config" in teacher
      ? await openDetector({ ...teacher, store })
      : await openDetectorFile(
        await findSource(teacher.weights, find),
        teacher.model,
        { classes },
      );
    const source = keeps ? cachedTeacher : liveTeacher;
    return { detector, outputs: source(detector, { features, onRecord }) };
  };
  return {
    outputs: async (teacher, needs) => {
      const id = "config" in teacher
        ? await runId(teacher.config, teacher.seed)
        : canonicalJson(teacher as unknown as Json);
      const { features, keeps } = needs;
      const key = JSON.stringify([id, features, keeps]);
      const opening = opened.get(key) ?? open(teacher, needs);
      opened.set(key, opening);
      return (await opening).outputs;
    },
    [Symbol.asyncDispose]: async () => {
      for (const opening of opened.values()) {
        // Where it failed, whoever asked for the teacher was told.
        const teacher = await opening.catch(() => null);
        teacher?.outputs.dispose();
        teacher?.detector.dispose();
      }
    },
  };
}
