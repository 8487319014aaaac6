import assert from "node:assert/strict";
import { readVoc } from "ldlab/data/mod.ts";
import type { DataConfig } from "../../experiments/config.ts";
import { readSplits } from "../../experiments/data.ts";
import { projectFolder } from "../../experiments/project.ts";
import { publishedConfig } from "../../experiments/published/mod.ts";

const classes = ["RBC", "WBC", "Platelets"];
const cells = (split: string) => ({ root: "data/bccd", split });

Deno.test("readSplits() joins the splits of VOC and repeats them for training only", async () => {
  const told: string[] = [];
  const { train, test } = await readSplits({
    kind: "voc",
    train: [cells("train"), cells("val")],
    repeat: 3,
    test: cells("test"),
    classes,
  }, (message) => told.push(message));
  assert.equal(train.name, "bccd/train + bccd/val x 3");
  // data/README.md: 205, 87 and 72 images.
  assert.equal(train.images.length, 3 * (205 + 87));
  assert.equal(test.images.length, 72);
  assert.match(told.join(), /Skipped boxes of no area/);
});

/** A COCO file of an image with a box, one without, and one of 31 pixels. */
async function someCoco(): Promise<{ config: DataConfig; root: string }> {
  const root = await Deno.makeTempDir();
  const sizes = [[640, 480], [640, 480], [640, 31]];
  await Deno.mkdir(`${root}/images`);
  for (const id of sizes.keys()) {
    await Deno.writeFile(`${root}/images/${id}.jpg`, new Uint8Array());
  }
  const box = { category_id: 1, bbox: [1, 1, 20, 20] };
  const records = {
    images: sizes.map(([width, height], id) => ({
      id,
      file_name: `${id}.jpg`,
      width,
      height,
    })),
    annotations: [{ id: 1, image_id: 0, ...box }, {
      id: 2,
      image_id: 2,
      ...box,
    }],
    categories: [{ id: 1, name: "cell" }],
  };
  await Deno.writeTextFile(`${root}/all.json`, JSON.stringify(records));
  const all = { annotations: "all.json", images: "images" };
  const config = {
    kind: "coco",
    root,
    train: all,
    test: all,
    classes: ["cell"],
  } as const;
  return { config, root };
}

Deno.test("readSplits() trains on COCO's images with boxes and 32 pixels, and tests on all", async () => {
  const { config, root } = await someCoco();
  const idsOf = async (filterEmpty?: boolean) => {
    const data = { ...config, filterEmpty } as DataConfig;
    const { train, test } = await readSplits(data, () => {});
    return [train, test].map(({ images }) => images.map(({ id }) => id));
  };
  assert.deepEqual(await idsOf(), [["0"], ["0", "1", "2"]]);
  assert.deepEqual((await idsOf(false))[0], ["0", "1", "2"]);
  await Deno.remove(root, { recursive: true });
});

Deno.test("readSplits() leaves out COCO's annotations that are not in order if it is told to", async () => {
  const { config, root } = await someCoco();
  const path = `${root}/all.json`;
  const records = JSON.parse(await Deno.readTextFile(path));
  records.annotations[1].image_id = 99; // of no image
  await Deno.writeTextFile(path, JSON.stringify(records));
  await assert.rejects(readSplits(config, () => {}), /99.*skipBad: true/s);
  const warnings: string[] = [];
  const data = { ...config, skipBad: true };
  const { test } = await readSplits(data, (text) => warnings.push(text));
  assert.deepEqual(test.images.map(({ labels }) => labels.length), [1, 0, 0]);
  assert.match(warnings[0], /image/);
  await Deno.remove(root, { recursive: true });
});

Deno.test("readSplits() says where data that is missing is expected, and how to get it", async () => {
  const { data } = publishedConfig("gfl_r50_fpn_1x_coco").config;
  const missing = { ...data, root: "data/no_coco" } as DataConfig;
  await assert.rejects(readSplits(missing, () => {}), {
    name: "NotFound",
    message: `Cannot read data: ${projectFolder}/data/no_coco/annotations/` +
      "instances_train2017.json is missing. data/README.md says where to get " +
      "COCO and Pascal VOC; put them, or links to them, there",
  });
  const voc = {
    kind: "voc",
    train: [{ root: "data/VOCdevkit/VOC1999", split: "trainval" }],
    test: cells("test"),
    classes,
  } as const;
  await assert.rejects(readSplits(voc, () => {}), /VOC1999 is missing/);
});

Deno.test("readSplits() leaves the images of one split as they are read", async () => {
  const { train } = await readSplits({
    kind: "voc",
    train: [cells("student")],
    test: cells("test"),
    classes,
  }, () => {});
  const root = `${projectFolder}/data/bccd`;
  const alone = await readVoc(root, { split: "student", classes });
  assert.deepEqual(train, alone);
});
