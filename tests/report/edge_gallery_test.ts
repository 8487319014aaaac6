import assert from "node:assert/strict";
import { edgeGallery } from "ldlab/report/edge_gallery.ts";
import type { GalleryEdge } from "ldlab/report/edge_tile.ts";
import { figureToText } from "ldlab/report/figure_text.ts";
import { assertClose } from "../golden.ts";

const edge: GalleryEdge = {
  image: { source: "data:image/png;base64,", width: 200, height: 100 },
  name: "a scene",
  object: "disc",
  box: [40, 30, 80, 70],
  truth: [40, 30, 84, 70],
  side: 2,
  location: [60, 48],
  stride: 8,
  logits: [0, Math.LN2, 0], // 1/4, 1/2, 1/4
  entropy: 1.04,
};
// deno-lint-ignore no-explicit-any
type Trace = any;

Deno.test("edgeGallery() draws the edge and its distribution at τ = 1", () => {
  const { data, layout } = edgeGallery([{ name: "sharp", edges: [edge] }], {
    title: "Edges",
  });
  const bars: Trace = data.find(({ type }) => type === "bar");
  assertClose(bars.y, [0.25, 0.5, 0.25], { absolute: 1e-12 });
  // Each side of the box [40, 30, 80, 70].
  const lines = [0, 1, 2, 3].map((side) => {
    const { data } = edgeGallery([{ name: "", edges: [{ ...edge, side }] }], {
      title: "",
    });
    const { x, y }: Trace = data.find(({ name }) => name === "the edge");
    return [x, y];
  });
  assert.deepEqual(lines, [
    [[40, 40], [30, 70]],
    [[40, 80], [30, 30]],
    [[80, 80], [30, 70]],
    [[40, 80], [70, 70]],
  ]);
  // (84 − 60) / 8 strides to the true edge.
  assert.equal(layout.shapes[0].x0, 3);
  assert.match(layout.annotations[0].text, /^disc, right: <b>1\.04 nats/);
});

Deno.test("edgeGallery() marks the true distance of every side", () => {
  const distances = [0, 1, 2, 3].map((side) =>
    edgeGallery([{ name: "", edges: [{ ...edge, side }] }], { title: "" })
      .layout.shapes[0].x0
  );
  // (60 − 40) / 8, (48 − 30) / 8, (84 − 60) / 8, (70 − 48) / 8
  assert.deepEqual(distances, [2.5, 2.25, 3, 2.75]);
});

Deno.test("edgeGallery() crops a square that stays in the image", () => {
  const cropped = (box: number[]) => {
    const { layout } = edgeGallery([{
      name: "",
      edges: [{ ...edge, box, truth: box }],
    }], { title: "" });
    return [...layout.xaxis.range, ...layout.yaxis.range];
  };
  // Side 1.4 · 40 = 56 around (60, 50); y runs downwards.
  assert.deepEqual(cropped([40, 30, 80, 70]), [32, 88, 78, 22]);
  assert.deepEqual(cropped([0, 60, 40, 100]), [0, 56, 100, 44]);
  // 1.4 · 100 is higher than the image: centred.
  assert.deepEqual(cropped([50, 0, 150, 100]), [30, 170, 120, -20]);
});

Deno.test("edgeGallery() tells each edge in words", () => {
  const text = figureToText(edgeGallery([
    { name: "The sharpest", edges: [edge] },
    { name: "The flattest", edges: [{ ...edge, side: 0 }] },
  ], { title: "Edges" }));
  assert.match(
    text,
    /The flattest 1, disc, left edge: entropy 1\.04 nats, mean 1\.00 strides, peak 0\.500 at 1, true 2\.50, 8 px a stride, in a scene/,
  );
});

Deno.test("edgeGallery() refuses groups that it cannot lay out", () => {
  const draw = (...groups: GalleryEdge[][]) =>
    edgeGallery(groups.map((edges) => ({ name: "g", edges })), { title: "" });
  assert.throws(() => draw(), { name: "RangeError", message: /number is 0/ });
  assert.throws(() => draw([]), RangeError);
  assert.throws(() => draw(Array(7).fill(edge)), /1 to 6 edges/);
  assert.throws(() => draw([edge, edge], [edge]), {
    name: "RangeError",
    message: /must have 2 edges like the first: current number of "g" is 1/,
  });
  assert.throws(() => draw([{ ...edge, side: 4 }]), /must be 0 to 3/);
});
