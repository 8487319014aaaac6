import { requireAgreement } from "../agreement.ts";
import { cardNote } from "../card_note.ts";
import type { PeerProcess } from "../peer_process.ts";
import { startPythonPeer } from "../python_peer.ts";
import type { Pair, Work } from "../row.ts";
import type { StepPrecision } from "./step_task.ts";

/** Steps of both sides that are compared before any is timed. */
const COMPARED = 3;
/**
 * Relative difference of losses where one side at least rounds products to 8 bits,
 * or both, on a card, to 10.
 */
const ROUNDED_TOLERANCE = 0.01;

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
 * @param options.device Where both sides compute; default the processor.
 * @param options.describe The row's note, given PyTorch's layout.
 */
export async function prepareStep(
  open: (folder: string, precision: StepPrecision) => Promise<OurSide>,
  {
    ours: precision = "float32",
    theirs = "float32",
    device = "cpu",
    describe,
  }: {
    ours?: StepPrecision;
    theirs?: StepPrecision;
    device?: "cpu" | "gpu";
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
      device: device === "gpu" ? "cuda" : "cpu",
    });
    const { layout } = await peer.call<{ layout: string }>("best_layout");
    const rounded = precision === "bfloat16" || theirs === "bfloat16" ||
      device === "gpu";
    const tolerance = rounded ? ROUNDED_TOLERANCE : undefined;
    const starts: number[] = [];
    for (let step = 0; step < COMPARED; step++) {
      const start = performance.now();
      const mine = await ours.step();
      const middle = performance.now();
      const other = await peer.call<Record<string, number>>("step");
      if (step === 0) starts.push(middle - start, performance.now() - middle);
      requireAgreement(mine, other, tolerance);
    }
    const onCard = device === "cpu" ? "" : `; ${await cardNote(starts, peer)}`;
    return {
      ours: { once: ours.once, close },
      peer,
      note: describe(layout) + onCard,
    };
  } catch (error) {
    await close();
    await peer?.close();
    throw error;
  }
}
