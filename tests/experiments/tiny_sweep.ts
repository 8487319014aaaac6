/**
 * A sweep of three runs of a second in a process of its own, to be killed or
 * starved: a teacher, a student of it, and one without. Says `ready`, waits for a
 * line, and says each step.
 */
import { PRESETS } from "ldlab/distill/mod.ts";
import { openEngine } from "ldlab/engine/mod.ts";
import { type Job, runJobs } from "../../experiments/jobs.ts";
import { RunStore } from "../../experiments/store.ts";
import { withTeachers } from "../../experiments/with_teachers.ts";
import { tiny } from "./tiny_config.ts";

const longer = { ...tiny, epochs: 8 };

/** Steps of each run. */
export const SWEEP_STEPS = 16;

/** Steps between two checkpoints: three epochs. */
export const SWEEP_CHECKPOINT = 6;

/** The runs in their order, the teacher first. */
export const sweep: readonly Job[] = await withTeachers([
  {
    label: "LD",
    config: {
      ...longer,
      terms: PRESETS.ld2021.terms,
      teacher: { config: longer, seed: 0 },
    },
    seed: 0,
    weights: true,
  },
  { label: "plain", config: longer, seed: 1, weights: true },
]);

if (import.meta.main) {
  const say = (line: string) =>
    Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
  await openEngine({ threads: 1 }); // the order of sums is fixed
  say("ready");
  await Deno.stdin.read(new Uint8Array(1));
  try {
    const store = new RunStore(Deno.args[0]);
    await runJobs(sweep, {
      store,
      onProgress: ({ label, activity, progress }) => {
        if (activity === undefined) say(`${label} ${progress!.iteration}`);
      },
      onNotice: say,
    });
    store.close();
    say("done");
    Deno.exit(0);
  } catch (error) {
    say((error as Error).message);
    Deno.exit(1);
  }
}
