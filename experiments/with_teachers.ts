import { runId } from "./config.ts";
import type { Job } from "./jobs.ts";

/**
 * Adds the runs that others learn from, teachers before their students, each
 * once.
 *
 * Use it before `runJobs`. A teacher whose weights are a file is no run.
 *
 * @param jobs What is wanted.
 * @returns The jobs in their order, each behind its teachers, whose weights are
 * wanted too.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { SCALES } from "./scales.ts";
 * import { withTeachers } from "./with_teachers.ts";
 * const { teacher, student } = SCALES.smoke;
 * const config = { ...student, teacher: { config: teacher, seed: 0 } };
 * const jobs = await withTeachers([{ label: "LD", config, seed: 1, weights: false }]);
 * assert.deepEqual(jobs.map(({ label }) => label), ["teacher of LD", "LD"]);
 * ```
 */
export async function withTeachers(jobs: readonly Job[]): Promise<Job[]> {
  const all = new Map<string, Job>();
  const add = async (job: Job) => {
    const { label, config: { teacher } } = job;
    if (teacher && "config" in teacher) {
      await add({ ...teacher, label: `teacher of ${label}`, weights: true });
    }
    const id = await runId(job.config, job.seed);
    const known = all.get(id);
    all.set(
      id,
      known ? { ...known, weights: known.weights || job.weights } : job,
    );
  };
  for (const job of jobs) await add(job);
  return [...all.values()];
}
