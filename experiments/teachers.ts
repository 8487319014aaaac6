import type { Detector } from "../lib/detectors/mod.ts";
import type { OnRecord } from "../lib/engine/mod.ts";
import { cachedTeacher, type TeacherOutputs } from "../lib/train/mod.ts";
import { type RunConfig, runId } from "./config.ts";
import type { RunStore } from "./store.ts";
import { openDetector } from "./weights.ts";

/** Who is distilled from, as a config names it. */
type Teacher = NonNullable<RunConfig["teacher"]>;

/** Frozen teachers, shared by all who learn from them. */
export interface OpenTeachers extends AsyncDisposable {
  /**
   * What a teacher says, with or without its features; it is opened when it is
   * first asked for.
   */
  outputs(
    teacher: Teacher,
    needs?: { features: boolean },
  ): Promise<TeacherOutputs>;
}

/**
 * Opens teachers from their finished runs when they are needed, each once.
 *
 * @param store Where the runs are.
 * @param options.onRecord Told before a teacher is recorded; awaited.
 * @returns The teachers; disposing frees them all.
 */
export function openTeachers(
  store: RunStore,
  { onRecord }: { onRecord?: OnRecord } = {},
): OpenTeachers {
  const opened = new Map<
    string,
    Promise<{ detector: Detector; outputs: TeacherOutputs }>
  >();
  const open = async ({ config, seed }: Teacher, features: boolean) => {
    const detector = await openDetector({ config, seed, store });
    const outputs = cachedTeacher(detector, { features, onRecord });
    return { detector, outputs };
  };
  return {
    outputs: async (teacher, { features } = { features: false }) => {
      const id = await runId(teacher.config, teacher.seed);
      const key = features ? `${id} with features` : id;
      const opening = opened.get(key) ?? open(teacher, features);
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
