/**
 * `./ldlab speed CONFIG`: images a second, parameters and GFLOPs of a detector, as
 * MMDetection's speed test.
 */
import type { RunConfig } from "../experiments/config.ts";
import { readSplits } from "../experiments/data.ts";
import { openDetectorFile } from "../experiments/detector_file.ts";
import { noiseBatches } from "../experiments/noise_batches.ts";
import { openRunEngine } from "../experiments/run_engine.ts";
import { createEvaluationLoader } from "../lib/data/mod.ts";
import { createDetector, type Detector } from "../lib/detectors/mod.ts";
import { forwardCost, measureSpeed } from "../lib/eval/mod.ts";
import { openProgress, show, stopSignal } from "../lib/report/mod.ts";
import type { Arguments, Command } from "./command.ts";
import { askedConfig, CONFIG, SET_FLAG } from "./config_flags.ts";
import { notice } from "./notice.ts";
import { runCommand } from "./run_command.ts";
import { speedTable } from "./speed_table.ts";

/** The size at which GFLOPs are published. */
const PUBLISHED = { width: 1280, height: 800 };

const SPEED = {
  name: "./ldlab speed",
  about: "Measures images a second, one by one, from the input to the final " +
    "detections; counts parameters and the multiply-adds of convolutions.",
  positionals: { config: CONFIG },
  flags: {
    set: SET_FLAG,
    weights: {
      kind: "text",
      value: "FILE",
      about: "a .pth, a safetensors file or a checkpoint; weights are fresh\n" +
        "unless given, and little is found",
    },
    noise: {
      kind: "switch",
      about: "noise of 1280 × 800 in place of the test split's images",
    },
    images: {
      kind: "number",
      whole: true,
      least: 1,
      default: 100,
      about: "how many are timed",
    },
    warmup: {
      kind: "number",
      whole: true,
      least: 0,
      default: 5,
      about: "how many come before and do not count",
    },
    repeats: {
      kind: "number",
      whole: true,
      least: 1,
      default: 3,
      about: "how often all of it is done",
    },
  },
} as const satisfies Command;

Deno.exit(
  await runCommand(SPEED, Deno.args, async (flags) => {
    const { name, config } = await askedConfig(flags.config, flags.set);
    const { reason } = await openRunEngine();
    console.log(`Engine: ${reason}`);
    const detector = flags.weights === null
      ? createDetector(config.model, { seed: 0 })
      : await openDetectorFile(flags.weights, config.model);
    const complexity = await forwardCost(detector, PUBLISHED);
    const speed = await timed(detector, config, flags);
    detector.dispose();
    await show(speedTable(name, { complexity, size: PUBLISHED, speed }));
  }),
);

async function timed(
  detector: Detector,
  config: RunConfig,
  { noise, images, warmup, repeats }: Arguments<typeof SPEED>,
) {
  const count = images + warmup;
  const batches = noise
    ? () => noiseBatches(PUBLISHED, { count, seed: 0 })
    : await testImages(config, count);
  const progress = openProgress();
  try {
    let done = 0;
    return await measureSpeed({
      detector,
      batches,
      warmup,
      repeats,
      signal: stopSignal(),
      onBatch: (_, imagesPerSecond) =>
        void progress.update({
          levels: [],
          step: ++done,
          steps: repeats * count,
          ...(imagesPerSecond > 0 && { imagesPerSecond }),
        }),
    });
  } finally {
    await progress.close();
  }
}

/** The first images of the test split, opened anew for each repeat. */
async function testImages({ data, input }: RunConfig, count: number) {
  const { test } = await readSplits(data, notice);
  const dataset = { ...test, images: test.images.slice(0, count) };
  return () => createEvaluationLoader({ dataset, input, batchSize: 1 });
}
