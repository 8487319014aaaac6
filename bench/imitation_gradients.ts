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
import { readSplits } from "../experiments/data.ts";
import { runExperiment } from "../experiments/experiment.ts";
import { progressState } from "../experiments/progress_state.ts";
import { resultsFolder } from "../experiments/project.ts";
import { openRunEngine } from "../experiments/run_engine.ts";
import { RunStore } from "../experiments/store.ts";
import { planTable } from "../experiments/tables/plan_table.ts";
import { findTable } from "../experiments/tables/tables.ts";
import { openTeachers } from "../experiments/teachers.ts";
import { openDetector } from "../experiments/weights.ts";
import { createLoader } from "../lib/data/mod.ts";
import { targetRuleOf } from "../lib/detectors/mod.ts";
import { termNeeds } from "../lib/distill/mod.ts";
import {
  makeTable,
  openProgress,
  show,
  spread,
  stopSignal,
} from "../lib/report/mod.ts";
import { type BatchGradients, batchGradients } from "./batch_gradients.ts";
import { writeRecord } from "./write_record.ts";

/** Rows of Table 3 whose students are looked at with what taught them. */
const STUDENTS = [
  ...["de_feat", "fit_nets", "inside_gt_box", "fine_grained", "main_region"],
  "gi",
];
/** Rows whose terms GI's student is looked at with. */
const OTHER_PICKS = ["gi_2_images", "gi_image"];

const { setting, plan } = planTable(findTable("3"), { scale: "small" });
const { student, teacher } = setting;
const rowOf = (id: string) => plan.rows.find((row) => row.id === id)!;
/** What is looked at, and whose student. */
const LOOKS = [
  ...STUDENTS.map((id) => ({ ...rowOf(id), taughtBy: id })),
  ...OTHER_PICKS.map((id) => ({ ...rowOf(id), taughtBy: "gi" })),
];

const engine = await openRunEngine();
console.log(engine.reason);
const store = new RunStore(resultsFolder);
const progress = openProgress();
const result = await runExperiment({ ...plan, rows: STUDENTS.map(rowOf) }, {
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
  regions: LOOKS.flatMap(({ change }) => termNeeds(change.terms!).regions),
  epochs: 1,
}));

await using teachers = openTeachers(store);
const said = await teachers.outputs(teacher, { features: true, keeps: true });
const found = [];
for (const { label, change, taughtBy } of LOOKS) {
  const { config, runs } = result.rows[STUDENTS.indexOf(taughtBy)];
  const detector = await openDetector({ config, seed: 0, store });
  const options = {
    ...{ said, terms: change.terms! },
    replicas: change.replicas ?? 1,
  };
  const seen: BatchGradients[] = [];
  for (const batch of batches) {
    seen.push(await batchGradients(detector, batch, options));
  }
  detector.dispose();
  const pairs = seen.flatMap((one, at) =>
    seen.slice(at + 1).map((other) => [one.terms, other.terms] as const)
  );
  found.push({
    label,
    ap: 100 * runs[0].metrics!.ap,
    locations: spread(seen.map(({ locations }) => locations)).mean,
    timesOwn: spread(seen.map(({ terms, own }) =>
      norm(terms) / norm(own)
    )).mean,
    agreement: spread(pairs.map(([a, b]) =>
      dot(a, b) / (norm(a) * norm(b))
    )).mean,
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
    "pairs. Seed 0. The last two rows are GI's student with other picks.",
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
