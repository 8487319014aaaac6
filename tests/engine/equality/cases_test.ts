import assert from "node:assert/strict";
import * as boxes from "ldlab/boxes/mod.ts";
import * as losses from "ldlab/losses/mod.ts";
import * as nn from "ldlab/nn/mod.ts";
import { equalityCases } from "./cases.ts";

/** Each folder's exports, and those that compute nothing with tensors. */
const folders: Record<string, { exports: object; onHost: string[] }> = {
  boxes: {
    exports: boxes,
    onHost: [
      "makeAnchors",
      "multiclassNms",
      "nms",
      "pairwiseOverlaps",
      "validAnchors",
    ],
  },
  losses: { exports: losses, onHost: [] },
  nn: {
    exports: nn,
    onHost: [
      "constant",
      "countMultiplyAdds",
      "kaimingNormal",
      "normal",
      "openScope",
      "xavierUniform",
    ],
  },
};

for (const [folder, { exports, onHost }] of Object.entries(folders)) {
  Deno.test(`equalityCases has a case of every function of lib/${folder}`, () => {
    const functions = Object.entries(exports)
      .filter(([, value]) => typeof value === "function")
      .map(([name]) => name);
    const covered = functions.filter((name) =>
      Object.keys(equalityCases).some((key) => key.startsWith(`${name}()`))
    );
    assert.deepEqual(
      functions.filter((name) => !onHost.includes(name)),
      covered,
    );
    // No name on the list is one that is gone.
    assert.deepEqual(onHost.filter((name) => !functions.includes(name)), []);
  });
}
