import assert from "node:assert/strict";
import { drawScene } from "ldlab/data/scene_drawing.ts";
import { makeScenes } from "ldlab/data/scenes.ts";

Deno.test("makeScenes() gives equal records and pixels when the seed is equal", () => {
  const [first, again] = [1, 1].map((seed) => makeScenes({ seed, count: 5 }));
  assert.deepEqual(first, again);
  const pixels = first.images.map(({ scene }) => drawScene(scene));
  assert.deepEqual(again.images.map(({ scene }) => drawScene(scene)), pixels);
  const other = makeScenes({ seed: 2, count: 5 });
  assert.notDeepEqual(other.images[0].boxes, first.images[0].boxes);
  // A scene does not depend on how many there are.
  assert.deepEqual(
    makeScenes({ seed: 1, count: 9 }).images[4],
    first.images[4],
  );
});

Deno.test("makeScenes() puts every box inside its image, with area, of each class", () => {
  for (const [width, height] of [[128, 96], [32, 32], [200, 64]]) {
    const { images } = makeScenes({ seed: 3, count: 300, width, height });
    const counts = [0, 0, 0];
    for (const { boxes, labels, difficult } of images) {
      assert.ok(labels.length >= 1 && labels.length <= 4);
      assert.equal(difficult.length, labels.length);
      for (const [g, label] of labels.entries()) {
        const [x1, y1, x2, y2] = boxes.slice(g * 4, g * 4 + 4);
        assert.ok(x1 >= 0 && y1 >= 0 && x2 <= width && y2 <= height);
        assert.ok(x2 - x1 > 2 && y2 - y1 > 2, `${[x1, y1, x2, y2]}`);
        counts[label]++;
      }
    }
    assert.ok(Math.min(...counts) > 100 * 0.6, `${counts}`);
  }
});

Deno.test("makeScenes() draws each annotated edge uniformly from its interval", () => {
  const { images } = makeScenes({ seed: 4, count: 3000 });
  const parts: Record<string, number[]> = {
    blurred: [],
    occluded: [],
    faded: [],
  };
  let sharp = 0;
  for (const { boxes, edges } of images) {
    for (const [at, { kind, low, high }] of edges.flat().entries()) {
      if (kind === "sharp") {
        sharp++;
        assert.equal(low, high);
        assert.equal(boxes[at], low);
      } else {
        parts[kind].push((boxes[at] - low) / (high - low));
      }
    }
  }
  const ambiguous = Object.values(parts).flat().length;
  assert.ok(Math.abs(ambiguous / (sharp + ambiguous) - 0.35) < 0.02);
  for (const [kind, values] of Object.entries(parts)) {
    // Kolmogorov–Smirnov against the uniform: 99.9 % quantile 1.95 / sqrt(n).
    values.sort((a, b) => a - b);
    const distance = Math.max(...values.map((value, rank) =>
      Math.max(
        Math.abs(value - rank / values.length),
        Math.abs(value - (rank + 1) / values.length),
      )
    ));
    assert.ok(
      distance < 1.95 / Math.sqrt(values.length),
      `${kind} ${distance}`,
    );
  }
});

Deno.test("makeScenes() draws an edge that no other edge of the scene gives away", () => {
  // Left and right of one object, both ambiguous: correlation of where in
  // their intervals they lie is 0, deviation 1 / sqrt(n).
  const { images } = makeScenes({ seed: 5, count: 6000 });
  let [sum, n] = [0, 0];
  for (const { boxes, edges } of images) {
    for (const [g, [left, , right]] of edges.entries()) {
      if (left.kind === "sharp" || right.kind === "sharp") continue;
      const part = ({ low, high }: typeof left, value: number) =>
        (value - low) / (high - low) - 0.5;
      sum += 12 * part(left, boxes[g * 4]) * part(right, boxes[g * 4 + 2]);
      n++;
    }
  }
  assert.ok(n > 1000);
  assert.ok(Math.abs(sum / n) < 4 / Math.sqrt(n), `${sum / n}`);
});

Deno.test("makeScenes() fails when size or count make no sense", () => {
  for (const [width, height] of [[31, 96], [128, 16], [40.5, 40]]) {
    assert.throws(
      () => makeScenes({ seed: 1, count: 1, width, height }),
      RangeError,
    );
  }
  for (const count of [0, -1, 1.5]) {
    assert.throws(() => makeScenes({ seed: 1, count }), {
      name: "RangeError",
      message:
        `Cannot make scenes: count must be a positive integer: current value is ${count}`,
    });
  }
});
