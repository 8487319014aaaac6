import {
  type PublishedFile,
  type PublishOptions,
  publishWeights,
} from "../lib/train/mod.ts";
import { openWeights } from "./open_weights.ts";
import { openRunEngine } from "./run_engine.ts";

/**
 * Publishes weights of a run or of a `.pth`, as `publishWeights()` does. What the
 * options leave out, a run's file says.
 *
 * @param options What is published, and where to.
 * @returns The file, and what was left out.
 * @throws {Error} What `publishWeights()` throws.
 */
export async function publish(options: PublishOptions): Promise<PublishedFile> {
  const said = await openWeights(options.from);
  await openRunEngine();
  return await publishWeights({
    ...options,
    detector: options.detector ?? said.detector,
    classes: options.classes ?? said.classes,
  });
}
