/**
 * Why imitating features gains more on one region than on another at the scale
 * `small`: how large the gradient of each imitation of Table 3 is beside that of
 * the student's own losses, and whether two batches agree where it points.
 *
 *     deno run -A bench/imitation_gradients.ts
 *
 * Each student is looked at where its training ended, seed 0, on the 9 batches of
 * an epoch, with the region that taught it. There a gradient that the batches do
 * not agree on is noise. GI's student is looked at with GI's picks made otherwise
 * too. Gradients are those of backbone and neck, all that imitation reaches.
 *
 * 2 minutes on 2 cores where Table 3 is stored in `results`; else its teacher and
 * 6 students are trained first, 10 minutes more. The figures are left in
 * `bench/results/cpu/imitation_gradients.json`.
 */
import type { RunConfig } from "../experiments/config.ts";
import { readSplits } from "../experiments/data.ts";
import { runExperiment, TEACHER_SEED } from "../experiments/experiment.ts";
import { progressState } from "../experiments/progress_state.ts";
import { resultsFolder } from "../experiments/project.ts";
import { openRunEngine } from "../experiments/run_engine.ts";
import { SCALES } from "../experiments/scales.ts";
import { RunStore } from "../experiments/store.ts";
import { openTeachers } from "../experiments/teachers.ts";
import { openDetector } from "../experiments/weights.ts";
import { createLoader } from "../lib/data/mod.ts";
import { targetRuleOf } from "../lib/detectors/mod.ts";
import { type DistillTerms, IMITATION, termNeeds } from "../lib/distill/mod.ts";
import {
  makeTable,
  openProgress,
  show,
  stopSignal,
} from "../lib/report/mod.ts";
import { type BatchGradients, batchGradients } from "./batch_gradients.ts";
import { writeRecord } from "./write_record.ts";

const { student, teacher } = SCALES.small;
const NAMES = [
  "deFeat",
  "fitNets",
  "insideGtBox",
  "fineGrained",
  "mainRegion",
  "gi",
] as const satisfies (keyof typeof IMITATION)[];

/** An imitation that is looked at. */
interface Look {
  readonly label: string;
  /** Whose student it is. */
  readonly taughtBy: typeof NAMES[number];
  readonly terms: DistillTerms;
  /** Parts of a batch, as `distillLoss` takes them. */
  readonly replicas: number;
}

const OF_GI = { taughtBy: "gi", terms: IMITATION.gi, replicas: 1 } as const;
const LOOKS: readonly Look[] = [
  ...NAMES.map((name) => ({
    label: name,
    taughtBy: name,
    terms: IMITATION[name],
    replicas: 1,
  })),
  { ...OF_GI, label: "gi's student, parts of 2 images", replicas: 4 },
  {
    ...OF_GI,
    label: "gi's student, each image by itself",
    terms: {
      imitation: {
        ...IMITATION.gi.imitation,
        region: { kind: "gi", suppression: "image" },
      },
    },
  },
];

const engine = await openRunEngine();
console.log(engine.reason);
const store = new RunStore(resultsFolder);
const taught = { config: teacher, seed: TEACHER_SEED };
const configs = NAMES.map((name): RunConfig => ({
  ...student,
  terms: IMITATION[name],
  teacher: taught,
}));
const progress = openProgress();
const result = await runExperiment({
  teachers: [{ label: "teacher", config: teacher }],
  baseline: student,
  rows: NAMES.map((label, row) => ({ label, change: configs[row] })),
}, {
  store,
  seeds: 1,
  signal: stopSignal(),
  onProgress: (state) => progress.update(progressState(state)),
}).finally(() => progress.close());
if (result === null) Deno.exit(130); // stopped

const splits = await readSplits(student.data, console.error);
const batches = await Array.fromAsync(createLoader({
  dataset: splits.train,
  input: student.input,
  target: targetRuleOf(student.model),
  batchSize: student.batchSize,
  seed: 0,
  augmentation: { flips: true },
  regions: LOOKS.flatMap(({ terms }) => termNeeds(terms).regions),
  epochs: 1,
}));

await using teachers = openTeachers(store);
const said = await teachers.outputs(taught, { features: true, keeps: true });
const found = [];
for (const { label, taughtBy, terms, replicas } of LOOKS) {
  const row = NAMES.indexOf(taughtBy);
  const detector = await openDetector({ config: configs[row], seed: 0, store });
  const seen: BatchGradients[] = [];
  for (const batch of batches) {
    seen.push(await batchGradients(detector, batch, { said, terms, replicas }));
  }
  detector.dispose();
  const pairs = seen.flatMap((one, at) =>
    seen.slice(at + 1).map((other) => [one.terms, other.terms] as const)
  );
  found.push({
    label,
    ap: 100 * result.rows[row].runs[0].metrics!.ap,
    locations: mean(seen.map(({ locations }) => locations)),
    timesOwn: mean(seen.map(({ terms, own }) => norm(terms) / norm(own))),
    agreement: mean(pairs.map(([a, b]) => dot(a, b) / (norm(a) * norm(b)))),
  });
  console.error(`${label}: done`);
}
store.close();

await show(makeTable({
  title: "Gradients of imitation at the end of training",
  columns: [
    { heading: "", kind: "text" },
    { heading: "student's AP", kind: "number" },
    { heading: "locations a batch", kind: "number", digits: 0 },
    { heading: "times its own losses'", kind: "number", digits: 0 },
    { heading: "agreement of two batches", kind: "number", digits: 2 },
  ],
  rows: found.map((
    { label, ap, locations, timesOwn, agreement },
  ) => [label, ap, locations, timesOwn, agreement]),
  notes: [
    "Times: norm of the gradient at backbone and neck over that of QFL, GIoU and " +
    "DFL. Agreement: cosine between the gradients of two batches, mean over all " +
    "pairs. Seed 0.",
  ],
}));
await writeRecord("imitation_gradients", engine, { rows: found });
Deno.exit(0);

function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, at) => sum + value * b[at], 0);
}

function norm(a: Float32Array): number {
  return Math.sqrt(dot(a, a));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
