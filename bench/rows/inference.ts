import * as tf from "@tensorflow/tfjs-core";
import { anchorsOf, inferenceStep } from "../../lib/detectors/mod.ts";
import { compile, openEngine } from "../../lib/engine/mod.ts";
import { decodeDetections, type Detections } from "../../lib/eval/mod.ts";
import { writeSafetensors } from "../../lib/train/mod.ts";
import { createRandom, standardNormal } from "../../lib/random/mod.ts";
import { requireAgreement } from "../agreement.ts";
import { cardNote } from "../card_note.ts";
import type { PeerProcess } from "../peer_process.ts";
import { startPythonPeer } from "../python_peer.ts";
import { type Pair, type Row, Unavailable } from "../row.ts";
import { makeSharedNetwork } from "../steps/network_weights.ts";
import type { StepPrecision } from "../steps/step_task.ts";

const INPUT = { width: 640, height: 480 };

const work = "inference, R50-GFL at 640×480, batch 1, to final boxes";

/** From an image in memory to final boxes. */
export const inferenceRow: Row = {
  id: "inference",
  work,
  peer: "eager PyTorch + torchvision NMS",
  limit: 1,
  prepare: () => prepare("cpu"),
};

/** The same on a card, in float32 as cards multiply it and in bfloat16. */
export const gpuInferenceRows: readonly Row[] = [
  { id: "tf32-inference", precision: "float32", spelt: "TF32" } as const,
  { id: "bf16-inference", precision: "bfloat16", spelt: "bfloat16" } as const,
].map(({ id, precision, spelt }) => ({
  id,
  work: `${work}, ${spelt}`,
  peer: `fastest PyTorch, ${spelt}${
    precision === "bfloat16" ? " autocast" : ""
  } + torchvision NMS`,
  limit: 1,
  images: 1,
  prepare: () => prepare("cuda", precision),
}));

/**
 * How far sums of detections may be apart where products round to 10 bits, or to
 * 8: other boxes are then among the best.
 */
const CARD_TOLERANCES = { float32: 0.02, bfloat16: 0.05 };

async function prepare(
  device: "cpu" | "cuda",
  precision: StepPrecision = "float32",
): Promise<Pair> {
  await openEngine();
  const folder = await Deno.makeTempDir({ prefix: "ldlab-bench-" });
  const { detector, shared } = await makeSharedNetwork(
    { kind: "gfl", numClasses: 80 },
    2,
    `${folder}/detector.safetensors`,
  );
  const shape = [1, INPUT.height, INPUT.width, 3] as const;
  const random = createRandom(1, "image");
  const image = new Float32Array(INPUT.height * INPUT.width * 3)
    .map(() => standardNormal(random));
  const anchors = anchorsOf(detector.config, INPUT);
  const forward = compile(inferenceStep(detector), {
    name: "inference",
    precision,
    onNotice: (message) => {
      throw new Unavailable(message); // bfloat16 is not to be had
    },
  });

  const detect = async (): Promise<Detections> => {
    const images = tf.tensor4d(image, [...shape]);
    const outputs = await forward({ images }).finally(() => images.dispose());
    const [classLogits, boxLogits] = await Promise.all([
      outputs.classLogits.data<"float32">(),
      outputs.boxLogits.data<"float32">(),
    ]).finally(() => tf.dispose(outputs));
    return decodeDetections({
      classLogits,
      boxLogits,
      anchors,
      imageSize: INPUT,
    });
  };
  const close = async () => {
    forward.dispose();
    detector.dispose();
    await Deno.remove(folder, { recursive: true });
  };
  const once = async () => {
    const from = performance.now();
    await detect();
    return performance.now() - from;
  };

  let peer: PeerProcess | undefined;
  try {
    const given = `${folder}/image.safetensors`;
    const float = (shape: readonly number[], data: Float32Array) =>
      ({ shape, dtype: "float32", data }) as const;
    await Deno.writeFile(
      given,
      writeSafetensors(
        new Map([
          ["images", float(shape, image)],
          ["centers", float([anchors.count, 2], anchors.centers)],
        ]),
      ),
    );
    peer = await startPythonPeer("inference", {
      detector: shared,
      image: given,
      levels: anchors.levels.map(({ stride, count }) => [stride, count]),
      device,
      precision,
    });
    const { layout } = await peer.call<{ layout: string }>("best_layout");
    const start = performance.now();
    const ours = summary(await detect());
    const middle = performance.now();
    const { candidates, ...theirs } = await peer.call<Record<string, number>>(
      "summary",
    );
    const starts = [middle - start, performance.now() - middle];
    requireAgreement(
      ours,
      theirs,
      device === "cuda" ? CARD_TOLERANCES[precision] : undefined,
    );
    const note = `80 classes, noise; ${candidates} candidates above the ` +
      `threshold of 0.05, ${theirs.boxes} boxes; PyTorch ${layout}, ` +
      await peer.call<string>("build") +
      (device === "cuda" ? `; ${await cardNote(starts, peer)}` : "");
    return { ours: { once, close }, peer, note };
  } catch (error) {
    await close();
    await peer?.close();
    throw error;
  }
}

/** Numbers that would differ if the detections did. */
function summary(
  { boxes, scores, labels }: Detections,
): Record<string, number> {
  const sum = (values: Iterable<number>) =>
    [...values].reduce((total, value) => total + value, 0);
  return {
    boxes: scores.length,
    scores: sum(scores),
    labels: sum(labels),
    coordinates: sum(boxes),
  };
}
