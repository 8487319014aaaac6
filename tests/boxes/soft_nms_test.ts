import assert from "node:assert/strict";
import fc from "fast-check";
import { nms } from "ldlab/boxes/nms.ts";
import { softNms, type SoftNmsOptions } from "ldlab/boxes/soft_nms.ts";
import { assertClose, goldenCases } from "../golden.ts";
import { permuted, scoredBoxes } from "./scored_boxes_arbitrary.ts";

// tests/golden/nms.json: MMCV 2.1.0 soft_nms, and batched_nms with it.
const cases = await goldenCases("nms", ({ name }) => name.includes("soft_nms"));

for (const { name, inputs, params, outputs } of cases) {
  Deno.test(`softNms() equals the reference when case is ${name}`, () => {
    const settings = params.nms_cfg ?? params;
    const { kept, scores } = softNms(
      new Float32Array(inputs.boxes.data),
      new Float32Array(inputs.scores.data),
      {
        method: settings.method,
        iouThreshold: settings.iou_threshold,
        sigma: settings.sigma,
        minScore: settings.min_score,
        labels: inputs.idxs && !params.class_agnostic
          ? new Int32Array(inputs.idxs.data)
          : undefined,
      },
    );
    assert.deepEqual([...kept], outputs.keep.data);
    const expected = outputs.dets.data.filter((_: number, i: number) =>
      i % 5 === 4
    );
    assertClose(scores, expected, { absolute: 1e-6 }, "scores");
  });
}

Deno.test("softNms() decays by hand as the paper says", () => {
  const boxes = new Float32Array([0, 0, 4, 4, 0, 0, 4, 2]); // IoU 0.5
  const given = new Float32Array([0.9, 0.8]);
  const second = (options: Parameters<typeof softNms>[2]) =>
    softNms(boxes, given, options).scores.slice(1);
  assertClose(second({ method: "linear" }), [0.4], { absolute: 1e-6 });
  assertClose(
    second({ method: "gaussian", sigma: 0.5 }),
    [0.8 * Math.exp(-0.5)],
    { absolute: 1e-6 },
  );
  assert.equal(second({ method: "naive" }).length, 0);
  assertClose(second({ method: "naive", iouThreshold: 0.51 }), [0.8], {
    absolute: 1e-6,
  });
  // From the threshold on, unlike NMS.
  assert.equal(second({ method: "naive", iouThreshold: 0.5 }).length, 0);
});

Deno.test("softNms() keeps the best box whatever its score, and drops the others below the least", () => {
  const far = new Float32Array([0, 0, 1, 1, 5, 5, 6, 6]);
  const { kept } = softNms(far, new Float32Array([1e-4, 1e-5]));
  assert.deepEqual([...kept], [0]);
});

Deno.test("softNms() gaussian keeps all scores when sigma is infinite", () => {
  fc.assert(fc.property(scoredBoxes(), ({ boxes, scores }) => {
    const soft = softNms(boxes, scores, {
      method: "gaussian",
      sigma: Infinity,
      minScore: 0,
    });
    assert.deepEqual(soft.scores, scores.slice().sort().reverse());
    assert.deepEqual(soft.kept.toSorted(), Int32Array.from(scores.keys()));
  }));
});

Deno.test("softNms() naive is NMS but where an IoU is the threshold", () => {
  fc.assert(fc.property(scoredBoxes(), ({ boxes, scores }) => {
    // Coordinates are small integers: no IoU of theirs is 0.49.
    const naive = softNms(boxes, scores, {
      method: "naive",
      iouThreshold: 0.49,
      minScore: 1e-9,
    });
    assert.deepEqual(naive.kept, nms(boxes, scores, 0.49));
  }));
});

Deno.test("softNms() raises no score and does not depend on the order of its input", () => {
  fc.assert(
    fc.property(
      scoredBoxes(),
      fc.constantFrom("linear", "gaussian"),
      fc.integer(),
      (one, method, seed) => {
        const other = permuted(one, seed);
        const soft = softNms(one.boxes, one.scores, { method });
        const again = softNms(other.boxes, other.scores, { method });
        const of = (kept: Int32Array, scores: Float32Array, from: number[]) =>
          new Map([...kept].map((index, i) => [from[index], scores[i]]));
        const own = [...one.scores.keys()];
        assert.deepEqual(
          of(again.kept, again.scores, other.order),
          of(soft.kept, soft.scores, own),
        );
        soft.kept.forEach((index, i) =>
          assert.ok(soft.scores[i] <= one.scores[index])
        );
      },
    ),
  );
});

Deno.test("softNms() takes no box, one box, equal boxes, and boxes without area", () => {
  const none = new Float32Array(0);
  assert.equal(softNms(none, none).kept.length, 0);
  const one = softNms(
    new Float32Array([-5, -5, -1, -1]),
    new Float32Array([1]),
  );
  assert.deepEqual([...one.kept], [0]);
  const equal = softNms(
    new Float32Array([1, 1, 2, 2, 1, 1, 2, 2]),
    new Float32Array([0.5, 0.5]),
  );
  assert.deepEqual([...equal.kept], [0]); // nothing is left of the second
  for (const method of ["linear", "gaussian"] as const) {
    const empty = softNms(
      new Float32Array([1, 1, 1, 2, 1, 1, 1, 2]),
      new Float32Array([0.5, 0.5]),
      { method },
    );
    assert.deepEqual([...empty.scores], [0.5, 0.5]);
  }
});

Deno.test("softNms() has MMCV's numbers when it is told none", () => {
  // MMCV 2.1.0 soft_nms: iou_threshold 0.3, sigma 0.5, min_score 1e-3.
  const of = (overlap: number, score: number, options?: SoftNmsOptions) => {
    const boxes = new Float32Array([0, 0, 1, 1, 0, 0, 1, overlap]);
    const scores = new Float32Array([1, score]);
    return softNms(boxes, scores, options).scores.slice(1);
  };
  assertClose(of(0.31, 0.5), [0.5 * 0.69], { relative: 1e-6 });
  assertClose(of(0.29, 0.5), [0.5], {});
  assertClose(of(0.5, 0.5, { method: "gaussian" }), [0.5 * Math.exp(-0.5)], {
    relative: 1e-6,
  });
  assert.equal(of(0.5, 0.0021).length, 1);
  assert.equal(of(0.5, 0.0019).length, 0);
});

Deno.test("softNms() limits all classes together", () => {
  const boxes = new Float32Array([0, 0, 4, 4, 0, 0, 4, 4, 0, 0, 4, 4]);
  const scores = new Float32Array([0.5, 0.75, 0.25]);
  const labels = new Int32Array([0, 1, 2]);
  const soft = softNms(boxes, scores, { labels, limit: 2 });
  assert.deepEqual([...soft.kept], [1, 0]);
  assert.deepEqual([...soft.scores], [0.75, 0.5]);
});

Deno.test("softNms() rejects arguments that do not fit", () => {
  const [boxes, scores] = [new Float32Array(8), new Float32Array(2)];
  const labels = new Int32Array(1);
  assert.throws(() => softNms(boxes, new Float32Array(3)), TypeError);
  assert.throws(() => softNms(boxes, scores, { labels }), TypeError);
  assert.throws(() => softNms(boxes, scores, { sigma: 0 }), {
    name: "RangeError",
    message:
      "Cannot suppress boxes: sigma must be positive: current value is 0",
  });
  assert.throws(() => softNms(boxes, scores, { iouThreshold: -1 }), RangeError);
  assert.throws(() => softNms(boxes, scores, { limit: -1 }), RangeError);
  const method = "cubic" as "linear";
  assert.throws(() => softNms(boxes, scores, { method }), RangeError);
});
