/** What regions are for any boxes. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { makeAnchors } from "ldlab/boxes/anchors.ts";
import { assignAtss } from "ldlab/regions/atss.ts";
import { assignFcos } from "ldlab/regions/fcos.ts";
import type { GroundTruth } from "ldlab/regions/ground_truth.ts";
import type { GtBoxRule } from "ldlab/regions/gt_box.ts";
import { assignMaxIou } from "ldlab/regions/max_iou.ts";
import { type LabelRegion, labelRegion } from "ldlab/regions/region.ts";
import type { VlrOptions } from "ldlab/regions/vlr.ts";

const imageSize = { height: 128, width: 160 };
const anchors = makeAnchors(imageSize);

/** Up to five boxes, some out of the image, some without area. */
const groundTruth = fc.array(
  fc.record({
    x: fc.float({ min: -20, max: 160, noNaN: true }),
    y: fc.float({ min: -20, max: 128, noNaN: true }),
    w: fc.float({ min: 0, max: 150, noNaN: true }),
    h: fc.float({ min: 0, max: 150, noNaN: true }),
  }),
  { maxLength: 5 },
).map((boxes): GroundTruth => ({
  boxes: Float32Array.from(
    boxes.flatMap(({ x, y, w, h }) => [x, y, x + w, y + h]),
  ),
  labels: Int32Array.from(boxes.keys()),
}));

const vlrOptions: fc.Arbitrary<VlrOptions> = fc.record({
  gamma: fc.float({ min: 0, max: 1, noNaN: true }),
  topk: fc.integer({ min: 1, max: 20 }),
  measure: fc.constantFrom("diof", "diou"),
  weight: fc.constantFrom("iou", "mask"),
});
const rules = fc.constantFrom<GtBoxRule>("centre", "ownLevel", "finestLevel");

function weights(region: LabelRegion, gt: GroundTruth): Float32Array {
  const assignment = assignAtss(anchors, gt, { numClasses: 5 });
  return labelRegion(region, { anchors, gt, assignment, imageSize });
}

function holds<T extends [unknown, ...unknown[]]>(
  property: fc.IPropertyWithHooks<T>,
): void {
  fc.assert(property, { seed: 1, numRuns: 60 });
}

Deno.test("vlr is empty when gamma is 1 and the upper end open, whatever the boxes", () => {
  holds(fc.property(groundTruth, vlrOptions, (gt, options) => {
    const region = weights({ kind: "vlr", ...options, gamma: 1 }, gt);
    assert.ok(region.every((weight) => weight === 0));
  }));
});

Deno.test("vlr only grows when gamma falls or the upper end is closed", () => {
  const gammas = fc.tuple(
    fc.float({ min: 0, max: 1, noNaN: true }),
    fc.float({ min: 0, max: 1, noNaN: true }),
  );
  const upper = fc.constantFrom<"open" | "closed">("open", "closed");
  holds(
    fc.property(
      groundTruth,
      vlrOptions,
      gammas,
      upper,
      (gt, options, [a, b], upper) => {
        const of = (gamma: number, upper: "open" | "closed") =>
          weights({ kind: "vlr", ...options, gamma, upper }, gt);
        const smaller = of(Math.max(a, b), upper);
        const larger = of(Math.min(a, b), upper);
        const closed = of(Math.max(a, b), "closed");
        for (const [anchor, weight] of smaller.entries()) {
          assert.ok(weight <= larger[anchor]);
          assert.ok(weight <= closed[anchor]);
        }
      },
    ),
  );
});

Deno.test("main and vlr are disjoint when positives are removed", () => {
  holds(fc.property(groundTruth, vlrOptions, (gt, options) => {
    // The candidates of assignAtss, so that both have the same positives.
    const vlr = { kind: "vlr", ...options, topk: 9 } as const;
    const main = weights({ kind: "main" }, gt);
    const removed = weights({ ...vlr, positives: "removed" }, gt);
    assert.deepEqual(
      removed,
      weights(vlr, gt).map((weight, anchor) => main[anchor] ? 0 : weight),
    );
  }));
});

Deno.test("retinaVlr and fcosVlr have no positives, whatever assigns", () => {
  const assigners = fc.constantFrom(assignAtss, assignMaxIou, assignFcos);
  const kinds = fc.constantFrom("retinaVlr", "fcosVlr");
  holds(fc.property(groundTruth, assigners, kinds, (gt, assign, kind) => {
    const assignment = assign(anchors, gt, { numClasses: 5 });
    const region = labelRegion({ kind } as LabelRegion, {
      anchors,
      gt,
      assignment,
      imageSize,
    });
    for (const [anchor, weight] of region.entries()) {
      if (weight > 0) assert.equal(assignment.gtIndex[anchor], -1);
    }
  }));
});

Deno.test("gtBox and background complement each other", () => {
  holds(fc.property(groundTruth, rules, (gt, rule) => {
    const inside = weights({ kind: "gtBox", rule }, gt);
    const outside = weights({ kind: "background", rule }, gt);
    assert.ok(inside.every((one, anchor) => one + outside[anchor] === 1));
  }));
});

Deno.test("fgdForeground and fgdBackground share no cell and are at most 1 a box and a level", () => {
  holds(fc.property(groundTruth, (gt) => {
    const foreground = weights({ kind: "fgdForeground" }, gt);
    const background = weights({ kind: "fgdBackground" }, gt);
    for (const { start, count } of anchors.levels) {
      const sum = (weights: Float32Array) =>
        weights.subarray(start, start + count).reduce((a, b) => a + b);
      assert.ok(sum(foreground) <= gt.labels.length + 1e-6);
      const some = sum(background);
      assert.ok(some === 0 || Math.abs(some - 1) < 1e-6);
    }
    assert.ok(
      foreground.every((weight, cell) => weight * background[cell] === 0),
    );
  }));
});

Deno.test("regions do not depend on the order of the boxes", () => {
  const kinds = fc.constantFrom<LabelRegion["kind"]>(
    ...["main", "vlr", "fcosVlr", "retinaVlr", "gtBox"] as const,
    ...["background", "fineGrained", "fgdForeground", "fgdBackground"] as const,
  );
  holds(fc.property(groundTruth, kinds, (gt, kind) => {
    const order = [...gt.labels.keys()].reverse();
    const reversed = {
      boxes: Float32Array.from(
        order.flatMap((box) => [...gt.boxes.subarray(box * 4, box * 4 + 4)]),
      ),
      labels: Int32Array.from(order),
    };
    const region = { kind } as LabelRegion;
    assert.deepEqual(weights(region, reversed), weights(region, gt));
  }));
});

Deno.test("assigners give each positive its box and its class", () => {
  const assigners = fc.constantFrom(assignAtss, assignMaxIou, assignFcos);
  holds(fc.property(groundTruth, assigners, (gt, assign) => {
    const numClasses = 5;
    const { labels, labelWeights, gtIndex, boxTargets, positives } = assign(
      anchors,
      gt,
      { numClasses },
    );
    assert.equal(positives, gtIndex.filter((box) => box >= 0).length);
    for (const [anchor, box] of gtIndex.entries()) {
      const target = [...boxTargets.subarray(anchor * 4, anchor * 4 + 4)];
      if (box < 0) {
        assert.equal(labels[anchor], numClasses);
        assert.deepEqual(target, [0, 0, 0, 0]);
      } else {
        assert.equal(labels[anchor], gt.labels[box]);
        assert.equal(labelWeights[anchor], 1);
        assert.deepEqual(target, [...gt.boxes.subarray(box * 4, box * 4 + 4)]);
      }
    }
  }));
});
