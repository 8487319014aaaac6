/**
 * Trains the `small` scale's students in float32 and in bfloat16, without and
 * with LD, three seeds each, from one teacher, and compares their AP.
 *
 *     deno run -A bench/bfloat16_small.ts
 *
 * 5 minutes for the teacher and under a minute for each of 12 students, on 2
 * cores. Finished runs are kept in `results/`; the figures are left in
 * `bench/results/cpu/bfloat16_small.json`.
 */
import type { RunConfig } from "../experiments/config.ts";
import {
  type Row,
  runExperiment,
  TEACHER_SEED,
} from "../experiments/experiment.ts";
import { resultsFolder } from "../experiments/project.ts";
import { openRunEngine } from "../experiments/run_engine.ts";
import { SCALES } from "../experiments/scales.ts";
import { RunStore } from "../experiments/store.ts";
import { PRESETS } from "../lib/distill/mod.ts";
import { stopSignal } from "../lib/report/mod.ts";
import { describeCommit } from "./machine.ts";
import { writeRecord } from "./write_record.ts";

const SEEDS = 3;
const { teacher, student } = SCALES.small;
const METHODS: Readonly<Record<string, Partial<RunConfig>>> = {
  "without LD": {},
  "LD, τ = 10": {
    terms: { ld: { ...PRESETS.ld2021.terms.ld, temperature: 10 } },
    teacher: { config: teacher, seed: TEACHER_SEED },
  },
};

/** One student in both precisions; AP in points, by seed. */
interface Comparison {
  readonly student: string;
  readonly float32: readonly number[];
  readonly bfloat16: readonly number[];
  /** Mean of bfloat16 less mean of float32. */
  readonly difference: number;
  /** What seeds alone make of the difference: its standard error. */
  readonly noise: number;
}

const rows: Row[] = Object.entries(METHODS).flatMap(([label, change]) => [
  { label, change },
  {
    label: `${label}, bfloat16`,
    change: { ...change, precision: "bfloat16" as const },
  },
]);
const commit = await describeCommit();
const engine = await openRunEngine();
console.log(engine.reason);
const store = new RunStore(resultsFolder);
let current = "";
const result = await runExperiment(
  {
    teachers: [{ label: "teacher", config: teacher }],
    baseline: student,
    rows,
  },
  {
    store,
    seeds: SEEDS,
    signal: stopSignal(),
    onNotice: (message) => console.error(message),
    onProgress: ({ label, seed }) => {
      if (current !== `${label}, seed ${seed}`) {
        console.log(`${label}, seed ${seed}`);
      }
      current = `${label}, seed ${seed}`;
    },
  },
);
store.close();
if (result === null) {
  console.error("Stopped. What is finished is stored; run the same to go on");
  Deno.exit(130);
}

const comparisons = Object.keys(METHODS).map((label, i): Comparison => {
  const [float32, bfloat16] = result.rows.slice(2 * i, 2 * i + 2)
    .map(({ runs }) => runs.map(({ metrics }) => 100 * metrics!.ap));
  return {
    student: label,
    float32,
    bfloat16,
    difference: mean(bfloat16) - mean(float32),
    noise: Math.sqrt((variance(float32) + variance(bfloat16)) / SEEDS),
  };
});
for (const { student, float32, bfloat16, ...rest } of comparisons) {
  const list = (values: readonly number[]) =>
    values.map((value) => value.toFixed(1)).join(" ");
  console.log(
    `${student}: float32 ${list(float32)}, bfloat16 ${list(bfloat16)}, ` +
      `difference ${rest.difference.toFixed(1)} ± ${rest.noise.toFixed(1)}`,
  );
}
const teacherAp = 100 * result.teachers[0].run.metrics!.ap;
await writeRecord(
  "bfloat16_small",
  engine,
  { teacherAp, comparisons },
  commit,
);
Deno.exit(0);

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Unbiased. */
function variance(values: readonly number[]): number {
  const centre = mean(values);
  const squares = values.map((value) => (value - centre) ** 2);
  return squares.reduce((sum, square) => sum + square, 0) / (values.length - 1);
}
