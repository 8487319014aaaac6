import assert from "node:assert/strict";
import { nms } from "../../lib/boxes/mod.ts";
import { createRandom, standardNormal, uniform } from "../../lib/random/mod.ts";
import { hostWork } from "../host_work.ts";
import { startPythonPeer } from "../python_peer.ts";
import type { Pair, Row } from "../row.ts";

const IOU_THRESHOLD = 0.6; // GFL's

interface Boxes {
  /** `[N, 4]`: x1, y1, x2, y2 in pixels. */
  readonly boxes: Float32Array;
  readonly scores: Float32Array;
}

/** Where boxes lie, with what it is called. */
interface Distribution {
  readonly id: string;
  readonly name: string;
  readonly note: string;
  readonly make: (count: number) => Boxes;
}

/** As a dense detector predicts: about 10 boxes around each object. */
function clustered(count: number): Boxes {
  const random = createRandom(count, "clustered");
  const objects = Array.from({ length: Math.ceil(count / 10) }, () => {
    const side = 2 ** uniform(random, 4, 9);
    return {
      x: uniform(random, 0, 1333),
      y: uniform(random, 0, 800),
      width: side * uniform(random, 0.5, 1.5),
      height: side * uniform(random, 0.5, 1.5),
    };
  });
  const off = () => 0.15 * standardNormal(random);
  return boxesOf(count, random, () => {
    const { x, y, width, height } =
      objects[Math.floor(uniform(random, 0, objects.length))];
    return {
      x: x + off() * width,
      y: y + off() * height,
      width: width * Math.exp(off()),
      height: height * Math.exp(off()),
    };
  });
}

/** Small boxes anywhere, of which nearly all stay: most work for all pairs. */
function scattered(count: number): Boxes {
  const random = createRandom(count, "scattered");
  return boxesOf(count, random, () => ({
    x: uniform(random, 0, 1333),
    y: uniform(random, 0, 800),
    width: uniform(random, 4, 16),
    height: uniform(random, 4, 16),
  }));
}

function boxesOf(
  count: number,
  random: () => number,
  next: () => { x: number; y: number; width: number; height: number },
): Boxes {
  const boxes = new Float32Array(count * 4);
  for (let i = 0; i < count; i++) {
    const { x, y, width, height } = next();
    const [dx, dy] = [width / 2, height / 2];
    boxes.set([x - dx, y - dy, x + dx, y + dy], i * 4);
  }
  // Of a thousandth each, so that there are ties.
  const scores = new Float32Array(count)
    .map(() => Math.round(uniform(random, 0, 1000)) / 1000);
  return { boxes, scores };
}

const DISTRIBUTIONS: readonly Distribution[] = [
  {
    id: "",
    name: "boxes",
    note:
      "about 10 boxes around each object at 1333×800, objects of 8 to 770 " +
      "px, places and sides off by 15 % of theirs",
    make: clustered,
  },
  {
    id: "-scattered",
    name: "boxes with few overlaps",
    note: "boxes of 4 to 16 px anywhere at 1333×800",
    make: scattered,
  },
];

/** NMS of few and of many boxes. */
export const nmsRows: readonly Row[] = DISTRIBUTIONS.flatMap((distribution) =>
  [1000, 10_000].map((count): Row => ({
    id: `nms-${count}${distribution.id}`,
    work: `NMS, ${count.toLocaleString("en")} ${distribution.name}`,
    peer: "torchvision",
    limit: 1,
    prepare: () => prepare(distribution, count),
  }))
);

async function prepare(
  { make, note }: Distribution,
  count: number,
): Promise<Pair> {
  const { boxes, scores } = make(count);
  const repeats = 20_000 / count;
  const peer = await startPythonPeer("nms", {
    boxes: [...boxes],
    scores: [...scores],
    iou_threshold: IOU_THRESHOLD,
    repeats,
  });
  try {
    const kept = nms(boxes, scores, IOU_THRESHOLD);
    const build = await peer.call<string>("build");
    assert.deepEqual([...kept], await peer.call<number[]>("kept"));
    return {
      ours: hostWork(() => nms(boxes, scores, IOU_THRESHOLD), repeats),
      peer,
      note: `${note}; threshold ${IOU_THRESHOLD}, ${kept.length} kept, the ` +
        `same on both sides; ${build}`,
    };
  } catch (error) {
    await peer.close();
    throw error;
  }
}
