/**
 * What padding costs in pixels and in AP, where images keep their ratio.
 *
 *     deno run -A bench/bucket_padding.ts
 *
 * First which part of the pixels is padding with COCO-like sizes. Then students
 * of the `small` scale learn from COCO-like windows of BCCD:
 * - at one scale, hardly padded; images of the test are padded further and
 *   further, with the cells there ignored and not;
 * - at scales from a range, batches having 1, 2, 4 or 8 sizes, or as many as the
 *   reference's; images of the test are padded by themselves, and as with 1 size.
 *
 * 3 seeds, 20 to 25 minutes on 2 cores. The figures are left in
 * `bench/results/cpu/bucket_padding.json`.
 */
import { readSplits } from "../experiments/data.ts";
import { openRunEngine } from "../experiments/run_engine.ts";
import { SCALES } from "../experiments/scales.ts";
import {
  MULTI_SCALE_480_800,
  type MultiScale,
  SINGLE_SCALE,
  sizeBuckets,
} from "../lib/data/mod.ts";
import { COCO_LIKE, cocoShaped } from "./coco_shaped.ts";
import {
  type Figures,
  type PaddedTest,
  type PaddedTraining,
  type PaddingTask,
  testPadded,
  type TrainedDetector,
  trainPadded,
} from "./padding_run.ts";
import { unionWaste } from "./union_waste.ts";
import { writeRecord } from "./write_record.ts";

const SEEDS = [0, 1, 2];
/** More buckets than there are sizes. */
const MANY = 1000;
const TEST_SCALE = [256, 192] as const;
const ONE_SCALE: MultiScale = { mode: "value", scales: [TEST_SCALE] };
const RANGE: MultiScale = { mode: "range", scales: [[320, 144], [320, 240]] };

const square: PaddedTest["enlarge"] = () => ({ width: 256, height: 256 });
const twiceAsWide: PaddedTest["enlarge"] = ({ width, height }) => ({
  width: 2 * width,
  height,
});
const fourTimes: PaddedTest["enlarge"] = ({ width, height }) => ({
  width: 2 * width,
  height: 2 * height,
});
const TESTS: Readonly<Record<string, PaddedTest>> = {
  "by itself": {},
  "in 256 × 256": { enlarge: square },
  "in 256 × 256, padding seen": { enlarge: square, seen: true },
  "in twice the width": { enlarge: twiceAsWide },
  "in twice the width, padding seen": { enlarge: twiceAsWide, seen: true },
  "in twice both sides": { enlarge: fourTimes },
  "in twice both sides, padding seen": { enlarge: fourTimes, seen: true },
};

const TRAININGS: Readonly<Record<string, PaddedTraining>> = {
  "as the reference": { buckets: "union" },
  "8 buckets": { buckets: 8 },
  "4 buckets": { buckets: 4 },
  "2 buckets": { buckets: 2 },
  "1 bucket": { buckets: 1 },
  "1 bucket, padding learnt": { buckets: 1, learnt: true },
};

/** A student that was trained and measured. */
interface Run extends Omit<TrainedDetector, "detector"> {
  readonly seed: number;
  /** By test. */
  readonly figures: Readonly<Record<string, Figures>>;
}

const waste = {
  "1333 × 800": wasteOf(SINGLE_SCALE),
  "1333 × 480 to 800": wasteOf(MULTI_SCALE_480_800),
  "320 × 144 to 240": wasteOf(RANGE),
};
console.table(waste);

const engine = await openRunEngine();
console.log(engine.reason);
const config = SCALES.small.student;
const read = await readSplits(config.data, console.error);
const splits = { train: cocoShaped(read.train), test: cocoShaped(read.test) };
const taskOf = (train: MultiScale): PaddingTask => ({
  config,
  splits,
  input: { kind: "keepRatio", train, test: TEST_SCALE },
});

const tests = await runAll("one scale, 8 buckets", {
  task: taskOf(ONE_SCALE),
  training: { buckets: 8 },
  tests: TESTS,
});
const trainings: Record<string, Run[]> = {};
for (const [name, training] of Object.entries(TRAININGS)) {
  trainings[name] = await runAll(name, {
    task: taskOf(RANGE),
    training,
    tests: {
      "by itself": {},
      // Training's one bucket.
      "in 320 × 320": { enlarge: () => ({ width: 320, height: 320 }) },
    },
  });
}
await writeRecord("bucket_padding", engine, { waste, tests, trainings });
Deno.exit(0);

/** Trains and measures a student of each seed, and says what came out. */
async function runAll(
  name: string,
  { task, training, tests }: {
    task: PaddingTask;
    training: PaddedTraining;
    tests: Readonly<Record<string, PaddedTest>>;
  },
): Promise<Run[]> {
  const runs: Run[] = [];
  for (const seed of SEEDS) {
    const { detector, ...trained } = await trainPadded(task, training, seed);
    const figures: Record<string, Figures> = {};
    for (const [test, padding] of Object.entries(tests)) {
      figures[test] = await testPadded(task, padding, detector);
    }
    detector.dispose();
    runs.push({ seed, ...trained, figures });
  }
  const [{ shapes }] = runs;
  const mean = (of: (run: Run) => number) => spread(runs.map(of)).mean;
  console.log(
    `${name}: ${shapes} sizes, ${percent(mean((run) => run.wasted))} wasted, ` +
      `${mean((run) => run.seconds).toFixed(0)} s, of them ` +
      `${mean((run) => run.recording).toFixed(0)} s recording; ` +
      `${mean((run) => run.processorSeconds).toFixed(0)} s of processors`,
  );
  const [first] = Object.keys(tests);
  for (const test of Object.keys(tests)) {
    const figure = (name: keyof Figures) => {
      const of = ({ figures }: Run, test: string) => figures[test][name];
      const ap = spread(runs.map((run) => of(run, test)));
      const gain = spread(runs.map((run) => of(run, test) - of(run, first)));
      return `${name} ${ap.mean.toFixed(1)} ± ${ap.deviation.toFixed(1)}` +
        (test === first
          ? ""
          : ` (${gain.mean.toFixed(1)} ± ${gain.deviation.toFixed(1)})`);
    };
    console.log(
      `  ${test}: ${figure("ap")}, ${figure("ap50")}, ${figure("ap75")}`,
    );
  }
  return runs;
}

/** Percent of the pixels that are padding, and how many sizes there are. */
function wasteOf(multiScale: MultiScale): Record<string, string> {
  const wasted: Record<string, string> = {};
  for (const most of [1, 2, 4, 8, 16, 32, MANY]) {
    const { buckets, wasted: share } = sizeBuckets(COCO_LIKE, multiScale, {
      most,
    });
    const name = most === MANY ? "by itself" : String(most);
    wasted[name] = `${percent(share)}, ${buckets.length}`;
  }
  for (const batchSize of [2, 8, 16]) {
    const { wasted: share, sizes } = unionWaste(
      COCO_LIKE,
      multiScale,
      batchSize,
    );
    wasted[`reference, ${batchSize}`] = `${percent(share)}, ${sizes}`;
  }
  return wasted;
}

function spread(
  values: readonly number[],
): { mean: number; deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.map((value) => (value - mean) ** 2);
  const variance = squares.reduce((sum, square) => sum + square, 0) /
    (values.length - 1);
  return { mean, deviation: Math.sqrt(variance) };
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`;
}
