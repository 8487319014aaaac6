/**
 * Figures of a training as `./ldlab demo` does it, at the `small` scale: a
 * teacher, cut short, and a student with LD, each trained and evaluated.
 */
import { runExperiment, TEACHER_SEED } from "../../experiments/experiment.ts";
import { SCALES } from "../../experiments/scales.ts";
import { RunStore } from "../../experiments/store.ts";
import { PRESETS } from "../../lib/distill/mod.ts";
import { openEngine } from "../../lib/engine/mod.ts";
import type { Figure } from "../figure.ts";
import { quantile } from "../statistics.ts";
import { watchEventLoop } from "./watch_event_loop.ts";

const TEACHER_EPOCHS = 4; // of 18: it only has to be there

/** What a training showed. */
interface SmallTraining {
  /** Milliseconds between two ticks of a 5 ms timer, by what went on. */
  readonly gaps: ReadonlyMap<string, readonly number[]>;
  /** Share of its time that each run waited for batches, by its label. */
  readonly waitShares: ReadonlyMap<string, number>;
}

async function train(): Promise<SmallTraining> {
  await openEngine();
  const { student, ...pair } = SCALES.small;
  const teacher = { ...pair.teacher, epochs: TEACHER_EPOCHS };
  const folder = await Deno.makeTempDir();
  const store = new RunStore(folder);
  const watch = watchEventLoop("starting");
  try {
    await runExperiment({
      teachers: [{ label: "teacher", config: teacher }],
      baseline: student,
      rows: [{
        label: "student with LD",
        change: {
          terms: { ld: PRESETS.ld2021.terms.ld },
          teacher: { config: teacher, seed: TEACHER_SEED },
        },
      }],
    }, {
      store,
      seeds: 1,
      onProgress: ({ activity, progress }) => {
        if (activity?.startsWith("recording")) watch.next("recording");
        else if (activity !== undefined) watch.phase = activity;
        else {
          const { iteration, total } = progress!;
          watch.phase = iteration < total ? "training" : "evaluating";
        }
      },
    });
    const waitShares = new Map(
      store.all().map(({ label, waitShare }) => [label, waitShare!]),
    );
    return { gaps: watch.end(), waitShares };
  } finally {
    watch.end();
    store.close();
    await Deno.remove(folder, { recursive: true });
  }
}

let training: Promise<SmallTraining> | undefined;
/** The training, done once for all figures. */
const trained = () => training ??= train();

/** Whether timers, and so progress, Stop and live controls, work meanwhile. */
export const eventLoop: Figure = {
  id: "event-loop",
  what: "99th percentile of the gaps of a 5 ms timer while training",
  measure: async () => {
    const { gaps } = await trained();
    const seen = [...gaps].map(([phase, values]) =>
      `${phase} ${quantile(values, 0.99).toFixed(0)} (longest ` +
      `${Math.max(...values).toFixed(0)})`
    );
    const steady = [...gaps.get("training")!, ...gaps.get("evaluating")!];
    return {
      value: quantile(steady, 0.99),
      unit: "ms",
      limit: 50,
      note:
        "teacher and student of the small scale with their evaluation and " +
        `checkpoints; by what went on: ${seen.join(", ")}. Recording blocks ` +
        "and is announced; it and what is before the first step do not count",
    };
  },
};

/** Whether the loader keeps up with the step. */
export const batchWait: Figure = {
  id: "batch-wait",
  what: "training time in which a step waits for its batch",
  measure: async () => {
    const { waitShares } = await trained();
    const seen = [...waitShares].map(([label, share]) =>
      `${label} ${(100 * share).toFixed(2)} %`
    );
    return {
      value: 100 * Math.max(...waitShares.values()),
      unit: "%",
      limit: 5,
      note: `small scale, the first batch and the start of the loader's ` +
        `worker included: ${seen.join(", ")}`,
    };
  },
};
