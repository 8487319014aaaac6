/**
 * Whether the `small` scale's settings are good ones, on images that no result is
 * reported on.
 *
 *     deno run -A bench/choose_settings.ts
 *
 * The recipe comes from trials with the reference implementation, which were
 * judged on the test images. Here the teacher learns from BCCD's 205 training
 * images, the student from the 52 of its own among them, and both are measured on
 * the 87 validation images: half the learning rate, the recipe's, and twice it,
 * each without distillation and with two published variants of it, 3 seeds.
 *
 * 10 to 15 minutes on 2 cores. What is finished is stored under
 * `results/choose_settings`, so the same command goes on. The figures are left in
 * `bench/results/cpu/choose_settings.json`.
 */
import type { RunConfig, VocData } from "../experiments/config.ts";
import { runExperiment, TEACHER_SEED } from "../experiments/experiment.ts";
import { progressState } from "../experiments/progress_state.ts";
import { resultsFolder } from "../experiments/project.ts";
import { openRunEngine } from "../experiments/run_engine.ts";
import { SCALES } from "../experiments/scales.ts";
import { RunStore } from "../experiments/store.ts";
import { PRESETS } from "../lib/distill/mod.ts";
import {
  makeTable,
  openProgress,
  show,
  spread,
  stopSignal,
} from "../lib/report/mod.ts";
import { writeRecord } from "./write_record.ts";

const SEEDS = 3;
const FACTORS = [0.5, 1, 2];

const { student, teacher } = SCALES.small;
const split = (config: RunConfig, train: string): RunConfig => {
  const data = config.data as VocData;
  const [{ root }] = data.train;
  return {
    ...config,
    data: {
      ...data,
      train: [{ root, split: train }],
      test: { root, split: "val" },
    },
  };
};
const taught = {
  teacher: { config: split(teacher, "train"), seed: TEACHER_SEED },
};
const VARIANTS: Readonly<Record<string, Partial<RunConfig>>> = {
  "without distillation": {},
  "Main LD": { terms: PRESETS.ld2021.terms, ...taught },
  "Main LD + VLR LD + Main KD": { terms: PRESETS.cvpr2022.terms, ...taught },
};
const { optimizer } = student;
const rows = FACTORS.flatMap((factor) => {
  const learningRate = factor * optimizer.learningRate;
  return Object.entries(VARIANTS).map(([name, variant]) => ({
    label: `${name}, rate ${learningRate}`,
    change: { ...variant, optimizer: { ...optimizer, learningRate } },
  }));
});

const engine = await openRunEngine();
console.log(engine.reason);
const store = new RunStore(`${resultsFolder}/choose_settings`);
const progress = openProgress();
const result = await runExperiment({
  teachers: [{ label: "teacher", config: taught.teacher.config }],
  baseline: split(student, "student_train"),
  rows,
}, {
  store,
  seeds: SEEDS,
  signal: stopSignal(),
  onProgress: (state) => progress.update(progressState(state)),
}).finally(() => progress.close());
store.close();
if (result === null) Deno.exit(130); // stopped

const METRICS = ["ap", "ap50", "ap75"];
const digits = (value = NaN) =>
  Number.isNaN(value) ? null : Number(value.toFixed(4));
const found = [
  ...result.teachers.map(({ label, run }) => ({ label, runs: [run] })),
  ...result.rows.map(({ row: { label }, runs }) => ({ label, runs })),
].map(({ label, runs }) => ({
  label,
  metrics: Object.fromEntries(METRICS.map((name) => [
    name,
    runs.map(({ metrics }) => digits(metrics?.[name])),
  ])),
}));
await show(makeTable({
  title: "Learning rates, measured on BCCD val",
  columns: [
    { heading: "", kind: "text" },
    ...["AP", "AP50", "AP75"].map((heading) =>
      ({ heading, kind: "number" }) as const
    ),
  ],
  rows: found.map(({ label, metrics }) => [
    label,
    ...METRICS.map((name) => {
      const values = metrics[name].map((value) => 100 * (value ?? NaN));
      return values.some(Number.isNaN) ? null : spread(values);
    }),
  ]),
  notes: [`Mean ± deviation over ${SEEDS} seeds; one teacher.`],
}));
await writeRecord("choose_settings", engine, { rows: found });
Deno.exit(0);
