import assert from "node:assert/strict";
import { type ImageRecord, makeScenes } from "ldlab/data/mod.ts";
import type { RunConfig } from "../../experiments/config.ts";
import { keepsTeacher } from "../../experiments/keeps_teacher.ts";
import { publishedConfig } from "../../experiments/published/mod.ts";
import { SCALES } from "../../experiments/scales.ts";

const [scene] = makeScenes({ seed: 1, count: 1 }).images;
const images = (count: number): ImageRecord[] =>
  Array.from({ length: count }, (_, at) => ({ ...scene, path: `${at}.jpg` }));
const without = { features: false };
const { teacher: config, student } = SCALES.small;
const small: RunConfig = { ...student, teacher: { config, seed: 0 } };
const { config: coco } = publishedConfig("ld_r18_gflv1_r101_fpn_coco_1x");

Deno.test("keepsTeacher() is true for the small recipe, with features too, and false for COCO", () => {
  assert.equal(keepsTeacher(small, images(73), without), true);
  assert.equal(keepsTeacher(small, images(73), { features: true }), true);
  assert.equal(keepsTeacher(coco, images(117_266), without), false);
});

Deno.test("keepsTeacher() turns where the outputs exceed a GiB", () => {
  // 256 × 192: 768 + 192 + 48 + 12 + 4 cells; 3 classes, 4 edges of 17 bins, and
  // four flips; the teacher's features have 64 channels.
  const bytes = 4 * 4 * 1024 * (3 + 4 * 17);
  const most = Math.floor(2 ** 30 / bytes);
  assert.equal(keepsTeacher(small, images(most), without), true);
  assert.equal(keepsTeacher(small, images(most + 1), without), false);
  const features = Math.floor(2 ** 30 / (bytes + 4 * 4 * 1024 * 64));
  assert.equal(keepsTeacher(small, images(features), { features: true }), true);
  assert.equal(
    keepsTeacher(small, images(features + 1), { features: true }),
    false,
  );
  const mirrored = { ...small, augmentation: { flips: "horizontal" } } as const;
  assert.equal(keepsTeacher(mirrored, images(2 * most), without), true);
  assert.equal(keepsTeacher(mirrored, images(2 * most + 2), without), false);
  const still = { ...small, augmentation: { flips: false } };
  assert.equal(keepsTeacher(still, images(4 * most), without), true);
  assert.equal(keepsTeacher(still, images(4 * most + 4), without), false);
  // The same image again takes nothing.
  const repeated = Array.from({ length: 3 }, () => images(most)).flat();
  assert.equal(keepsTeacher(small, repeated, without), true);
});

Deno.test("keepsTeacher() counts all anchors of a cell, and its features once", () => {
  const model = { ...config.model, kind: "retina", regMax: null } as const;
  const retina = {
    ...small,
    teacher: { config: { ...config, model }, seed: 0 },
  };
  const bytes = 4 * 4 * 1024 * (9 * (3 + 4) + 64);
  const most = Math.floor(2 ** 30 / bytes);
  assert.equal(keepsTeacher(retina, images(most), { features: true }), true);
  assert.equal(
    keepsTeacher(retina, images(most + 1), { features: true }),
    false,
  );
});

Deno.test("keepsTeacher() is false where images do not come again as they were", () => {
  const { augmentation: { jitter } } = config;
  const jittered = { ...small, augmentation: { flips: true, jitter } };
  assert.equal(keepsTeacher(jittered, images(1), without), false);
  assert.equal(keepsTeacher(coco, images(1), without), true);
  const scales = [[1333, 480], [1333, 800]] as const;
  for (const mode of ["range", "value"] as const) {
    const input = { ...coco.input, train: { mode, scales } } as const;
    const drawn = { ...coco, input } as RunConfig;
    assert.equal(keepsTeacher(drawn, images(1), without), false);
  }
});
