import type { Detector } from "../../lib/detectors/mod.ts";
import type { ProgressView } from "../../lib/report/mod.ts";
import type { RunConfig } from "../config.ts";
import { TEACHER_SEED } from "../experiment.ts";
import { runJobs } from "../jobs.ts";
import { progressState } from "../progress_state.ts";
import { RunStore } from "../store.ts";
import { openDetector } from "../weights.ts";
import { withTeachers } from "../with_teachers.ts";

/**
 * Opens a panel's teacher: from the store, or trains and stores it.
 *
 * @param config Of the teacher.
 * @param options.folder Where runs are stored.
 * @returns The detector; the caller disposes it.
 * @throws {DOMException} `AbortError` if the signal stopped it; the same call goes on.
 * @throws {RangeError} If it diverged.
 */
export async function openPanelTeacher(
  config: RunConfig,
  { folder, progress, signal }: {
    folder: string;
    progress: ProgressView;
    signal: AbortSignal;
  },
): Promise<Detector> {
  const teacher = { config, seed: TEACHER_SEED };
  const store = new RunStore(folder);
  try {
    const jobs = [{ ...teacher, label: "teacher", weights: true }];
    const runs = await runJobs(await withTeachers(jobs), {
      ...{ store, signal },
      onProgress: (state) => progress.update(progressState(state)),
    });
    if (runs === null) {
      throw new DOMException(
        "Stopped. What is finished is stored; run the same again to go on",
        "AbortError",
      );
    }
    if (runs.at(-1)!.status === "diverged") {
      throw new RangeError(
        "Cannot open the panel: its teacher diverged: choose another pair",
      );
    }
    return await openDetector({ ...teacher, store });
  } finally {
    store.close();
  }
}
