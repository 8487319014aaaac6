import assert from "node:assert/strict";
import {
  PUBLISHED_WEIGHTS,
  publishedWeights,
} from "ldlab/train/published_weights.ts";
import { cachedFile } from "ldlab/train/weight_source.ts";
import { goldenCases } from "../golden.ts";

const goldens = await goldenCases("published_weights") as unknown as {
  name: string;
  url: string;
}[];

Deno.test("PUBLISHED_WEIGHTS has the addresses that torchvision, MMEngine and MMDetection have", () => {
  const here = Object.entries(PUBLISHED_WEIGHTS)
    .filter(([, { url }]) => url !== null)
    .map(([name, { url }]) => ({ name, url }));
  assert.deepEqual(here, goldens);
});

Deno.test("publishedWeights() gives addresses whose files carry their hash, under names that stay apart", () => {
  const files = goldens.map(({ name }) =>
    cachedFile(publishedWeights(name) as { url: string })
  );
  for (const { name, sha256 } of files) {
    assert.ok(name.endsWith(`-${sha256}.pth`), name);
    assert.match(sha256, /^[0-9a-f]{8}$/);
  }
  assert.equal(new Set(files.map(({ name }) => name)).size, goldens.length);
});

Deno.test("publishedWeights() says why weights are at no address, and what to do", () => {
  assert.throws(() => publishedWeights("gfl_r101_fpn_voc"), {
    name: "RangeError",
    message: /Baidu Pan.*Train it first, or give the path/,
  });
  assert.throws(() => publishedWeights("toString"), {
    name: "RangeError",
    message: /'toString': known are torchvision:\/\/resnet18, /,
  });
});
