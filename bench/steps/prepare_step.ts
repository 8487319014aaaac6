import { requireAgreement } from "../agreement.ts";
import type { PeerProcess } from "../peer_process.ts";
import { startPythonPeer } from "../python_peer.ts";
import type { Pair, Work } from "../row.ts";
import type { StepPrecision } from "./step_task.ts";

/** Steps of both sides that are compared before any is timed. */
const COMPARED = 3;
/** Relative difference of losses where one side at least rounds to 8 bits. */
const BFLOAT16_TOLERANCE = 0.01;

/** Our side of a step, in this process or another. */
interface OurSide {
  readonly ours: Work & { step(): Promise<Record<string, number>> };
  /** What the class `Peer` of distillation_step.py is made with. */
  readonly forPeer: Record<string, unknown>;
}

/**
 * Sets both sides of a distillation step up, the peer in the faster of its two
 * memory layouts, and compares the losses of their first updates.
 *
 * @param open Sets our side up, and leaves weights and batch in a folder.
 * @param options.ours Precision of our side.
 * @param options.theirs Precision of the peer.
 * @param options.describe The row's note, given PyTorch's layout.
 */
export async function prepareStep(
  open: (folder: string, precision: StepPrecision) => Promise<OurSide>,
  { ours: precision = "float32", theirs = "float32", describe }: {
    ours?: StepPrecision;
    theirs?: StepPrecision;
    describe: (layout: string) => string;
  },
): Promise<Pair> {
  const folder = await Deno.makeTempDir({ prefix: "ldlab-bench-" });
  let side: OurSide | undefined;
  let peer: PeerProcess | undefined;
  const close = async () => {
    await side?.ours.close();
    await Deno.remove(folder, { recursive: true });
  };
  try {
    side = await open(folder, precision);
    const { ours, forPeer } = side;
    peer = await startPythonPeer("distillation_step", {
      ...forPeer,
      precision: theirs,
    });
    const { layout } = await peer.call<{ layout: string }>("best_layout");
    const rounded = precision === "bfloat16" || theirs === "bfloat16";
    const tolerance = rounded ? BFLOAT16_TOLERANCE : undefined;
    for (let step = 0; step < COMPARED; step++) {
      requireAgreement(await ours.step(), await peer.call("step"), tolerance);
    }
    return {
      ours: { once: ours.once, close },
      peer,
      note: describe(layout),
    };
  } catch (error) {
    await close();
    await peer?.close();
    throw error;
  }
}
