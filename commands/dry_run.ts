import type { RunConfig } from "../experiments/config.ts";
import { learningRateOf } from "../experiments/run_schedule.ts";
import { describeTerms, termsToText } from "../lib/distill/mod.ts";
import type { Json } from "../lib/train/mod.ts";
import type { AskedConfig } from "./config_flags.ts";
import { configToText } from "./print_config.ts";

/**
 * What a run would be: every setting, those of `--set` marked, and what follows
 * from them: the batch, the learning rate, the terms.
 *
 * @param asked The run.
 * @returns Lines without a final line feed.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { askedConfig } from "./config_flags.ts";
 * import { dryRunText } from "./dry_run.ts";
 *
 * const text = dryRunText(await askedConfig("small_student", ["batchSize=4"]));
 * assert.match(text, /^\* batchSize: +4 \(was 8\)$/m);
 * assert.match(text, /^learning rate +0.004, as given$/m);
 * ```
 */
export function dryRunText({ name, config, base }: AskedConfig): string {
  const facts = [
    ["run", name],
    ["batch", batchText(config)],
    ["learning rate", rateText(config)],
    ["schedule", scheduleText(config)],
    ["teacher", teacherText(config)],
  ];
  const width = Math.max(...facts.map(([heading]) => heading.length)) + 2;
  const { terms, detectorLosses } = config;
  const rows = describeTerms({
    terms,
    detectorLosses: detectorLosses ?? undefined,
  });
  return [
    configToText(config as unknown as Json, base as unknown as Json),
    "",
    ...facts.map(([heading, text]) => heading.padEnd(width) + text),
    "",
    rows.length > 0 ? termsToText(rows) : "no terms of distillation",
  ].join("\n");
}

function batchText({ batchSize, replicas }: RunConfig): string {
  const images = `${batchSize} images a step`;
  return (replicas ?? 1) === 1
    ? images
    : `${images}, distilled as on ${replicas} GPUs of ${batchSize / replicas!}`;
}

function rateText(config: RunConfig): string {
  const { learningRate, perBatch } = config.optimizer;
  const rate = Number(learningRateOf(config).toPrecision(12));
  return perBatch
    ? `${rate} = ${learningRate} · ${config.batchSize} / ${perBatch}`
    : `${rate}, as given`;
}

function scheduleText({ epochs, schedule, warmup }: RunConfig): string {
  const fall = schedule?.kind === "steps"
    ? `times ${schedule.factor ?? 0.1} after epochs ${
      schedule.epochs.join(" and ")
    }`
    : "half a cosine to 0";
  return `${epochs} epochs; ${fall}; ${warmup.iterations} iterations of ` +
    `warm-up from ${warmup.start} of the rate`;
}

function teacherText({ teacher }: RunConfig): string {
  if (!teacher) return "none";
  if ("config" in teacher) {
    return `a run of its own, seed ${teacher.seed}: trained first if it is not stored`;
  }
  const { weights } = teacher;
  return "path" in weights ? weights.path : weights.url;
}
