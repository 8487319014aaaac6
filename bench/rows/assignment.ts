import assert from "node:assert/strict";
import { makeAnchors } from "../../lib/boxes/mod.ts";
import { createRandom, integerBelow, uniform } from "../../lib/random/mod.ts";
import { assignAtss, vlrRegion } from "../../lib/regions/mod.ts";
import { requireAgreement } from "../agreement.ts";
import { hostWork } from "../host_work.ts";
import { startPythonPeer } from "../python_peer.ts";
import type { Pair, Row } from "../row.ts";

const [HEIGHT, WIDTH, BOXES, CLASSES] = [800, 1333, 20, 80];
/** Assignments a timing, whose mean counts. */
const REPEATS = 5;

/** What each anchor of an image learns, and where it is distilled besides. */
export const assignmentRow: Row = {
  id: "assignment",
  work: "ATSS + VLR assignment, 1333×800, 20 boxes",
  peer: "PyTorch, the published algorithm",
  limit: 0.5,
  prepare,
};

async function prepare(): Promise<Pair> {
  const random = createRandom(1, "boxes");
  const boxes = new Float32Array(BOXES * 4);
  for (let i = 0; i < boxes.length; i += 4) {
    const [width, height] = [
      2 ** uniform(random, 4, 9),
      2 ** uniform(random, 4, 9),
    ];
    const x = uniform(random, 0, WIDTH - width);
    const y = uniform(random, 0, HEIGHT - height);
    boxes.set([x, y, x + width, y + height], i);
  }
  const labels = new Int32Array(BOXES).map(() => integerBelow(random, CLASSES));
  const anchors = makeAnchors({ height: HEIGHT, width: WIDTH });
  const gt = { boxes, labels };
  const run = () => ({
    ...assignAtss(anchors, gt, { numClasses: CLASSES }),
    vlr: vlrRegion(anchors, gt),
  });

  const peer = await startPythonPeer("assignment", {
    height: HEIGHT,
    width: WIDTH,
    boxes: [...boxes],
    labels: [...labels],
    num_classes: CLASSES,
    repeats: REPEATS,
  });
  try {
    const mine = run();
    const theirs = await peer.call<Record<string, number[]>>("results");
    for (const name of ["gtIndex", "labels", "boxTargets"] as const) {
      assert.deepEqual([...mine[name]], theirs[name], name);
    }
    requireAgreement(
      Object.fromEntries(mine.vlr.entries()),
      Object.fromEntries(theirs.vlr.entries()),
      1e-5,
    );
    const region = mine.vlr.filter((weight) => weight > 0).length;
    return {
      ours: hostWork(run, REPEATS),
      peer,
      note: `${anchors.count} anchors of five levels, boxes of 16 to 512 px; ` +
        `${mine.positives} positives and ${region} of the region, the same on ` +
        "both sides; each side finds the candidates once for ATSS and once for " +
        "the VLR, as published",
    };
  } catch (error) {
    await peer.close();
    throw error;
  }
}
