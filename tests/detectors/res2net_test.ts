import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { deepStem } from "ldlab/detectors/deep_stem.ts";
import { res2net } from "ldlab/detectors/res2net.ts";
import { openEngine } from "ldlab/engine/open_engine.ts";
import { openScope } from "ldlab/nn/scope.ts";
import { assertClose } from "../golden.ts";
import {
  backboneCases,
  backboneImages,
  backboneMaps,
  fillBackbone,
  openBackbone,
} from "./golden_backbone.ts";

await openEngine({ backend: "tensorflow" });

const tiny = {
  depth: 50,
  scales: 3,
  baseWidthPerScale: 2,
  baseWidth: 4,
  frozenStages: -1,
  normEval: false,
} as const;

Deno.test("res2net() starts all norms' scales at 1, as MMDetection does", async () => {
  const { scope, variables } = openScope({ seed: 1 });
  res2net(scope, tiny);
  const scales = [...variables.parameters].filter(([, { shape, name }]) =>
    shape.length === 1 && name.endsWith("weight")
  );
  // 3 of the stem, 4 of each of 16 blocks, 4 of short cuts.
  assert.equal(scales.length, 3 + 4 * 16 + 4);
  for (const [name, scale] of scales) {
    assert.ok((await scale.data()).every((value) => value === 1), name);
  }
  for (const map of Object.values(variables)) tf.dispose([...map.values()]);
});

Deno.test("res2net() gives MMDetection's maps in pure JS", async () => {
  const [golden] = backboneCases("Res2Net");
  const { name, params: { narrow } } = golden;
  await tf.setBackend("cpu");
  const network = openBackbone((scope) =>
    res2net(scope, {
      ...tiny,
      depth: narrow.depth,
      scales: narrow.scales,
      baseWidthPerScale: narrow.base_width,
      baseWidth: narrow.base_channels,
    })
  );
  fillBackbone(network);
  const images = backboneImages(golden);
  const maps = network.backbone.forward(images, false);
  for (const [i, map] of maps.entries()) {
    assertClose(
      await tf.transpose(map, [0, 3, 1, 2]).data(),
      backboneMaps.get(`${name}/bn_eval/C${i + 2}`)!.data,
      { ofLargest: 1e-4 },
      `C${i + 2}`,
    );
  }
  network.dispose();
  await tf.setBackend("tensorflow");
});

Deno.test("res2net() and deepStem() refuse widths that they cannot make", () => {
  const { scope } = openScope({ seed: 1 });
  const refused = (
    change: { scales?: number; baseWidthPerScale?: number },
    message: string,
  ) =>
    assert.throws(
      () => res2net(scope, { ...tiny, ...change }),
      { name: "RangeError", message },
    );
  refused(
    { baseWidthPerScale: 0.5 },
    "Cannot build Res2Net: baseWidthPerScale must be 1 or more: current value is 0.5",
  );
  refused(
    { scales: 1 },
    "Cannot build Res2Net: scales must be a whole number above 1: current value is 1",
  );
  assert.throws(() => deepStem(scope, { outChannels: 7, normEval: false }), {
    name: "RangeError",
    message:
      "Cannot make a deep stem: outChannels must be even: current value is 7",
  });
});
