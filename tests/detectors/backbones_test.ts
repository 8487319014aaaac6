import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import type { DeformableStages } from "ldlab/detectors/backbone_config.ts";
import type { Backbone } from "ldlab/detectors/residual_backbone.ts";
import { res2net } from "ldlab/detectors/res2net.ts";
import { resnet } from "ldlab/detectors/resnet.ts";
import { resnext } from "ldlab/detectors/resnext.ts";
import { compile } from "ldlab/engine/compile.ts";
import { openEngine } from "ldlab/engine/open_engine.ts";
import type { Scope } from "ldlab/nn/scope.ts";
import { assertClose } from "../golden.ts";
import {
  backboneCases,
  backboneImages,
  backboneMaps,
  fillBackbone,
  openBackbone,
  weightedSum,
} from "./golden_backbone.ts";

const engine = await openEngine({ backend: "tensorflow" });

/** A backbone as MMDetection's options have it. */
type Make = (
  scope: Scope,
  // deno-lint-ignore no-explicit-any
  options: Record<string, any>,
  training: { frozenStages: number; normEval: boolean },
) => Backbone;

// deno-lint-ignore no-explicit-any
function deformable({ dcn, stage_with_dcn }: any): DeformableStages | null {
  if (!dcn) return null;
  const stages = ([2, 3, 4] as const)
    .filter((stage) => stage_with_dcn[stage - 1]);
  return { version: dcn.type === "DCNv2" ? 2 : 1, stages };
}

const kinds: Record<string, Make> = {
  ResNet: (scope, given, training) =>
    resnet(scope, {
      depth: given.depth,
      style: given.style,
      norm: given.norm_cfg?.type === "GN" ? "group" : "batch",
      deformable: deformable(given),
      baseWidth: given.base_channels ?? 64,
      ...training,
    }),
  ResNeXt: (scope, given, training) =>
    resnext(scope, {
      depth: given.depth,
      style: given.style,
      groups: given.groups,
      baseWidthPerGroup: given.base_width,
      deformable: deformable(given),
      baseWidth: given.base_channels ?? 64,
      ...training,
    }),
  Res2Net: (scope, given, training) =>
    res2net(scope, {
      depth: given.depth,
      scales: given.scales,
      baseWidthPerScale: given.base_width,
      deformable: deformable(given),
      baseWidth: given.base_channels ?? 64,
      ...training,
    }),
};

const modes = [
  ["bn_eval", { frozenStages: -1, normEval: false }],
  ["bn_train", { frozenStages: -1, normEval: false }],
  ["norm_eval_frozen1", { frozenStages: 1, normEval: true }],
] as const;

/** Runs a step on TensorFlow, eagerly or compiled. */
const places: Record<
  string,
  (step: () => tf.NamedTensorMap) => Promise<tf.NamedTensorMap>
> = {
  "TensorFlow": (step) => Promise.resolve(tf.tidy(step)),
  "TensorFlow compiled": async (step) => {
    const compiled = compile<tf.NamedTensorMap, tf.NamedTensorMap>(step);
    const outputs = await compiled({});
    compiled.dispose();
    return outputs;
  },
};

for (const [kind, make] of Object.entries(kinds)) {
  for (const golden of backboneCases(kind)) {
    const { name, params: { full, narrow }, outputs, gradients } = golden;

    Deno.test(`${kind.toLowerCase()}() has as many parameters as MMDetection's ${name}`, () => {
      const network = openBackbone((scope) => make(scope, full, modes[0][1]));
      const sizes = [...network.parameters.values()].map(({ size }) => size);
      assert.equal(sizes.reduce((a, b) => a + b), outputs.parameters);
      network.dispose();
    });

    for (const [mode, options] of modes) {
      Deno.test(`${kind.toLowerCase()}() gives the maps, gradients and running statistics of MMDetection's ${name} in ${mode}`, async () => {
        const norms: Record<string, number | null> = gradients[mode];
        const trained = Object.keys(norms).filter((key) => norms[key] !== null);
        for (const [place, run] of Object.entries(places)) {
          const before = engine.memory();
          const network = openBackbone((scope) => make(scope, narrow, options));
          assert.deepEqual([...network.parameters.keys()], trained);
          fillBackbone(network);
          const images = backboneImages(golden);
          const found = await run(() => {
            let maps: tf.NamedTensorMap = {};
            const { grads } = tf.variableGrads(() => {
              const stages = network.backbone.forward(
                images,
                mode !== "bn_eval",
              );
              maps = Object.fromEntries(stages.map((map, i) => [
                `C${i + 2}`,
                tf.keep(tf.transpose(map, [0, 3, 1, 2])),
              ]));
              return weightedSum(stages);
            }, [...network.parameters.values()]);
            const parts = [...network.parameters].map(([key, variable]) => [
              key,
              tf.norm(grads[variable.name]),
            ]);
            return { ...maps, ...Object.fromEntries(parts) };
          });
          const stored = mode === "bn_train" ? mode : "bn_eval";
          for (const level of ["C2", "C3", "C4", "C5"]) {
            const expected = backboneMaps.get(`${name}/${stored}/${level}`);
            if (!expected && level < "C4") continue; // not stored
            assertClose(
              await found[level].data(),
              expected!.data,
              { ofLargest: 1e-4 },
              `${level} on ${place}`,
            );
          }
          for (const key of trained) {
            assertClose(
              await found[key].data(),
              [norms[key]!],
              { relative: 1e-3 },
              `gradient norm of ${key} on ${place}`,
            );
          }
          if (mode === "bn_train") {
            for (const [key, expected] of Object.entries(outputs.running)) {
              assertClose(
                [Math.hypot(...await network.buffers.get(key)!.data())],
                [expected as number],
                { relative: 1e-4 },
                `${key} on ${place}`,
              );
            }
          }
          tf.dispose([found, images]);
          network.dispose();
          assert.deepEqual(engine.memory(), before, `leaks on ${place}`);
        }
      });
    }
  }
}
