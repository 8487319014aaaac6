import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import {
  type BackboneConfig,
  resolveBackboneConfig,
} from "ldlab/detectors/backbone_config.ts";
import { createBackbone } from "ldlab/detectors/create_backbone.ts";
import { compile } from "ldlab/engine/compile.ts";
import { openEngine } from "ldlab/engine/open_engine.ts";
import { assertClose } from "../golden.ts";
import {
  backboneCases,
  backboneImages,
  backboneMaps,
  fillBackbone,
  openBackbone,
  weightedSum,
} from "./golden_backbone.ts";
import { backboneOf } from "./mmdet_config.ts";

const engine = await openEngine({ backend: "tensorflow" });

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

const make = (given: Record<string, unknown>, training: BackboneConfig = {}) =>
  openBackbone((scope) => {
    const config = { ...backboneOf(given), ...training } as BackboneConfig;
    return createBackbone(scope, resolveBackboneConfig(config));
  });

for (const type of ["ResNet", "ResNeXt", "Res2Net"]) {
  for (const golden of backboneCases(type)) {
    const { name, params, outputs, gradients } = golden;
    const full = { type, ...params.full };
    const narrow = { type, ...params.narrow };

    Deno.test(`createBackbone() has as many parameters as MMDetection's ${name}`, () => {
      const network = make(full);
      const sizes = [...network.parameters.values()].map(({ size }) => size);
      assert.equal(sizes.reduce((a, b) => a + b), outputs.parameters);
      network.dispose();
    });

    for (const [mode, options] of modes) {
      Deno.test(`createBackbone() gives the maps, gradients and running statistics of MMDetection's ${name} in ${mode}`, async () => {
        const norms: Record<string, number | null> = gradients[mode];
        const trained = Object.keys(norms).filter((key) => norms[key] !== null);
        for (const [place, run] of Object.entries(places)) {
          const before = engine.memory();
          const network = make(narrow, options);
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
