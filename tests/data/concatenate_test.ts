import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { concatenateDatasets } from "ldlab/data/concatenate.ts";
import { makeScenes } from "ldlab/data/scenes.ts";
import { readVoc } from "ldlab/data/voc.ts";

const bccd = fileURLToPath(new URL("../../data/bccd", import.meta.url));
const classes = ["RBC", "WBC", "Platelets"];

Deno.test("concatenateDatasets() puts splits one after another, with their warnings", async () => {
  const [trainval, test] = await Promise.all(
    ["trainval", "test"].map((split) => readVoc(bccd, { split, classes })),
  );
  const both = concatenateDatasets([trainval, test]);
  assert.equal(both.name, "bccd/trainval + bccd/test");
  assert.deepEqual(both.classes, classes);
  assert.deepEqual(both.images, [...trainval.images, ...test.images]);
  assert.deepEqual(both.warnings, [...trainval.warnings, ...test.warnings]);
  assert.equal(both.images.length, 292 + 72); // the lists' lines
});

Deno.test("concatenateDatasets() fails when classes differ, even in order", () => {
  const scenes = makeScenes({ seed: 1, count: 1 });
  for (
    const other of [scenes.classes.toReversed(), scenes.classes.slice(1), []]
  ) {
    const wrong = { ...scenes, name: "other", classes: other };
    assert.throws(() => concatenateDatasets([scenes, wrong]), {
      name: "RangeError",
      message: /^Cannot concatenate datasets: other must have the classes of /,
    });
  }
});

Deno.test("concatenateDatasets() fails when an id or a path stands twice, or without a dataset", () => {
  const scenes = makeScenes({ seed: 1, count: 1 });
  const [image] = scenes.images;
  assert.throws(() => concatenateDatasets([scenes, scenes]), {
    name: "RangeError",
    message: new RegExp(` has the id ${image.id}, as ${scenes.name} has\\. `),
  });
  const renamed = { ...scenes, images: [{ ...image, id: "other" }] };
  assert.throws(() => concatenateDatasets([scenes, renamed]), {
    name: "RangeError",
    message: / has the path .*, as .* has\. /,
  });
  assert.throws(() => concatenateDatasets([]), TypeError);
});
