/**
 * Our side of the `small` scale's step, on the engine as its runs open it: how
 * many threads share an op is settled once in a process.
 */
import { openRunEngine } from "../../experiments/run_engine.ts";
import { smallStep } from "../rows/small_step.ts";
import { openSharedStep } from "../steps/step_task.ts";
import { answerLines } from "./answer_lines.ts";

await answerLines(async ({ folder }: { folder: string }) => {
  await openRunEngine();
  const { ours, forPeer } = await openSharedStep(smallStep(), folder);
  return { step: ours.step, once: ours.once, forPeer: () => forPeer };
});
