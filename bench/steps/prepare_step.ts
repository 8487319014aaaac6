import { requireAgreement } from "../agreement.ts";
import { type PythonPeer, startPythonPeer } from "../python_peer.ts";
import type { Pair } from "../row.ts";
import { openOurStep, type StepTask } from "./step_task.ts";

/** Steps of both sides that are compared before any is timed. */
const COMPARED = 3;

/**
 * Sets both sides of a distillation step up, the peer in the faster of its two
 * memory layouts, and compares the losses of their first updates.
 *
 * @param task The step.
 * @param describe The row's note, given PyTorch's layout.
 */
export async function prepareStep(
  task: StepTask,
  describe: (layout: string) => string,
): Promise<Pair> {
  const folder = await Deno.makeTempDir({ prefix: "ldlab-bench-" });
  const ours = await openOurStep(task, folder);
  let peer: PythonPeer | undefined;
  const close = async () => {
    await ours.close();
    await Deno.remove(folder, { recursive: true });
  };
  try {
    peer = await startPythonPeer("distillation_step", {
      ...ours.forPeer,
      precision: "float32",
    });
    const { layout } = await peer.call<{ layout: string }>("best_layout");
    for (let step = 0; step < COMPARED; step++) {
      requireAgreement(await ours.step(), await peer.call("step"));
    }
    return { ours: { ...ours, close }, peer, note: describe(layout) };
  } catch (error) {
    await close();
    await peer?.close();
    throw error;
  }
}
