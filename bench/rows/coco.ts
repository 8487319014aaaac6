import { evaluateCoco } from "../../lib/eval/mod.ts";
import {
  createRandom,
  integerBelow,
  type Random,
  uniform,
} from "../../lib/random/mod.ts";
import { hostWork } from "../host_work.ts";
import { startPythonPeer } from "../python_peer.ts";
import type { Pair, Row } from "../row.ts";

const [IMAGES, CLASSES, DETECTIONS] = [5000, 80, 100];
const [WIDTH, HEIGHT] = [640, 480];
/** The figures in the order in which pycocotools summarizes them. */
const FIGURES = [
  ...["ap", "ap50", "ap75", "apSmall", "apMedium", "apLarge"] as const,
  ...["ar1", "ar10", "ar100", "arSmall", "arMedium", "arLarge"] as const,
] as const;

/** A data set of COCO's size, evaluated. */
export const cocoRow: Row = {
  id: "coco",
  work: "COCO AP, 5,000 synthetic images, 80 classes",
  peer: "pycocotools",
  limit: 0.5,
  prepare,
};

async function prepare(): Promise<Pair> {
  const random = createRandom(1, "coco");
  const truths = Array.from({ length: IMAGES }, () => makeTruth(random));
  const detections = truths.map((truth) => makeDetections(truth, random));
  const file = await Deno.makeTempFile({ prefix: "ldlab-bench-" });
  await Deno.writeTextFile(file, JSON.stringify({ truths, detections }));
  const peer = await startPythonPeer("coco", { file, num_classes: CLASSES })
    .finally(() => Deno.remove(file));
  try {
    const run = () => evaluateCoco(truths, detections, { numClasses: CLASSES });
    const mine = run();
    const theirs = await peer.call<number[]>("stats");
    for (const [i, name] of FIGURES.entries()) {
      if (Math.abs(mine[name] - theirs[i]) <= 1e-9) continue;
      throw new Error(
        `the two sides differ: ${name} is ${mine[name]} here and ${
          theirs[i]
        } there`,
      );
    }
    const count = (truths: { labels: number[] }[]) =>
      truths.reduce((sum, { labels }) => sum + labels.length, 0);
    return {
      ours: hostWork(run),
      peer,
      note: `${count(truths)} ground truths, 2 % of them crowds, and ` +
        `${count(detections)} detections; the 12 figures are equal to 1e-9 ` +
        `(AP ${
          mine.ap.toFixed(3)
        }); pycocotools: evaluate, accumulate, summarize`,
    };
  } catch (error) {
    await peer.close();
    throw error;
  }
}

type Truth = ReturnType<typeof makeTruth>;

/** 0 to 14 boxes. */
function makeTruth(random: Random) {
  const places = [...Array(integerBelow(random, 15)).keys()];
  const boxes = places.map(() => makeBox(random));
  return {
    boxes: boxes.flat(),
    labels: places.map(() => integerBelow(random, CLASSES)),
    // Of the object's mask, as in COCO: less than the box.
    areas: boxes.map(([x1, y1, x2, y2]) =>
      (x2 - x1) * (y2 - y1) * uniform(random, 0.4, 1)
    ),
    crowd: places.map(() => random() < 0.02 ? 1 : 0),
  };
}

/** Half of them near a ground truth and most of those of its class. */
function makeDetections({ boxes, labels }: Truth, random: Random) {
  const found = Array.from({ length: DETECTIONS }, () => {
    const other = integerBelow(random, CLASSES);
    if (labels.length === 0 || random() < 0.5) {
      return { box: makeBox(random), label: other };
    }
    const near = integerBelow(random, labels.length);
    const [x1, y1, x2, y2] = boxes.slice(near * 4, near * 4 + 4);
    const reach = uniform(random, 0, 0.15);
    const x = () => (x2 - x1) * uniform(random, -reach, reach);
    const y = () => (y2 - y1) * uniform(random, -reach, reach);
    return {
      box: [x1 + x(), y1 + y(), x2 + x(), y2 + y()],
      label: random() < 0.8 ? labels[near] : other,
    };
  });
  return {
    boxes: found.flatMap(({ box }) => box),
    labels: found.map(({ label }) => label),
    // Of a thousandth each, so that there are ties.
    scores: found.map(() => integerBelow(random, 1001) / 1000),
  };
}

function makeBox(random: Random): [number, number, number, number] {
  const [x, y] = [uniform(random, 0, WIDTH), uniform(random, 0, HEIGHT)];
  const side = () => 2 ** uniform(random, 2, 8.5);
  return [x, y, x + side(), y + side()];
}
