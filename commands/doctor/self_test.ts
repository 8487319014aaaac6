/**
 * The doctor's self-test, in a process of its own, which a crash of TensorFlow
 * ends: prints one line of JSON for each part.
 */
import assert from "node:assert/strict";
import { RunStore } from "../../experiments/store.ts";
import { openEngine } from "../../lib/engine/mod.ts";
import { askDriver } from "../../lib/engine/nvidia_driver.ts";
import { findBrowser } from "../../lib/report/find_browser.ts";
import { openExporter } from "../../lib/report/mod.ts";
import type { PartName } from "./self_test_answer.ts";
import { trainingStep } from "./training_step.ts";

async function part(
  name: PartName,
  work: () => Promise<Record<string, unknown> | null>,
): Promise<void> {
  const from = performance.now();
  let result;
  try {
    result = await work();
  } catch (error) {
    result = { error: error instanceof Error ? error.message : `${error}` };
  }
  if (result === null) return;
  const seconds = (performance.now() - from) / 1000;
  console.log(JSON.stringify({ part: name, seconds, ...result }));
}

await part("engine", async () => {
  const { backend, reason, device } = await openEngine();
  return { backend, reason, device };
});

await part("devices", () => Promise.resolve({ cards: askDriver().cards }));

await part("step", async () => ({ losses: await trainingStep() }));

await part("store", async () => {
  const folder = await Deno.makeTempDir({ prefix: "ldlab-doctor-" });
  try {
    const run = { id: "a", label: "self-test", seed: 0, config: {} };
    const written = new RunStore(folder);
    written.start({ ...run, teacher: null });
    written.finish("a", { ap: 0.5 }, { seconds: 1 });
    written.close();
    const read = new RunStore(folder, { forReading: true });
    assert.equal(read.finished("a")?.metrics?.ap, 0.5);
    read.close();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  return {};
});

await part("figure", async () => {
  if (!hasBrowser()) return null;
  await using exporter = await openExporter();
  const figure = {
    data: [{ y: [1, 3, 2] }],
    layout: { width: 300, height: 200 },
  };
  assert.match(await exporter.svg(figure), /^<svg /);
  return {};
});

/** What is wrong with it, the doctor says itself. */
function hasBrowser(): boolean {
  try {
    return findBrowser() !== null;
  } catch {
    return false;
  }
}

Deno.exit();
