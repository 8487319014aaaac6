import assert from "node:assert/strict";
import {
  regionsTable,
  vlrFigure,
} from "../../../experiments/building_blocks/region_figures.ts";
import {
  openTestPicture,
  openTestPictures,
} from "../../../experiments/building_blocks/test_picture.ts";
import { SCALES } from "../../../experiments/scales.ts";

// deno-lint-ignore no-explicit-any
type Trace = any;
const config = SCALES.smoke.student;

Deno.test("openTestPicture() orders test images by their number of objects", async () => {
  const counts = [];
  for (const place of [0, 5, 15]) {
    const { pyramid } = await openTestPicture(config, place);
    counts.push(pyramid.truth.length);
  }
  assert.ok(counts[0] >= 1 && counts[0] <= counts[1] && counts[1] <= counts[2]);
  await assert.rejects(openTestPicture(config, 99), {
    name: "RangeError",
    message: /current value is 99/,
  });
});

Deno.test("openTestPictures() goes from the fewest objects to the most, each image once", async () => {
  const three = await openTestPictures(config, 3);
  const last = await openTestPicture(config, 15); // of 16 images
  const [few, , many] = three.map(({ pyramid }) => pyramid.truth.length);
  assert.equal(few, (await openTestPicture(config, 0)).pyramid.truth.length);
  assert.equal(many, last.pyramid.truth.length);
  assert.equal(three[2].index, last.index);
  const all = await openTestPictures(config, 40);
  assert.equal(new Set(all.map(({ index }) => index)).size, all.length);
  assert.equal(all.length, 16);
});

Deno.test("vlrFigure() is empty at γ = 1 and only grows as γ falls", async () => {
  const picture = await openTestPicture(config, 3);
  const { layout } = vlrFigure(picture, [1, 0.5, 0.25, 0]);
  const cells = layout.sliders[0].steps.map(({ args: [{ z }] }: Trace) =>
    z.flat(2).map((weight: number | null) => weight !== null)
  );
  assert.equal(cells[0].includes(true), false);
  for (let at = 1; at < cells.length; at++) {
    cells[at - 1].forEach((was: boolean, cell: number) =>
      assert.ok(!was || cells[at][cell])
    );
  }
  assert.equal(layout.sliders[0].active, 2);
});

Deno.test("regionsTable() counts a region and its complement to all locations", async () => {
  const picture = await openTestPicture(config, 3);
  const table = regionsTable(picture);
  const row = (name: RegExp) =>
    table.rows.find(([first]) => name.test(first as string))!
      .slice(1) as number[];
  const all = row(/^FitNets/);
  // P3 to P7 of 128 × 96, and their sum twice: each weighs 1.
  assert.deepEqual(all, [192, 48, 12, 4, 1, 257, 257]);
  const objects = row(/^DeFeat's objects/);
  assert.deepEqual(
    row(/^DeFeat's background/),
    all.map((count, at) => count - objects[at]),
  );
});
