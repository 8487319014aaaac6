import assert from "node:assert/strict";
import * as distill from "ldlab/distill/mod.ts";
import * as losses from "ldlab/losses/mod.ts";
import * as nn from "ldlab/nn/mod.ts";
import { equalityCases } from "./cases.ts";

/** Each folder's exports, and those that compute nothing with tensors. */
const folders: Record<string, { exports: object; onHost: string[] }> = {
  distill: {
    exports: distill,
    onHost: [
      "completeTerms",
      "createDistillModules",
      "describeTerms",
      "termNeeds",
      "termsToText",
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
      "uniformWithin",
      "xavierUniform",
    ],
  },
};

for (const [folder, { exports, onHost }] of Object.entries(folders)) {
  Deno.test(`equalityCases has a case of every function of lib/${folder}`, () => {
    const functions = Object.entries(exports)
      .filter(([, value]) => typeof value === "function")
      .map(([name]) => name);
    const missing = functions.filter((name) =>
      !onHost.includes(name) &&
      !Object.keys(equalityCases).some((key) => key.startsWith(`${name}()`))
    );
    assert.deepEqual(missing, [], "add a case of each");
    const gone = onHost.filter((name) => !functions.includes(name));
    assert.deepEqual(gone, [], "they are no functions of the folder any more");
  });
}
