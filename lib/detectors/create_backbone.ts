import type { Scope } from "../nn/scope.ts";
import type { ResolvedBackboneConfig } from "./backbone_config.ts";
import { res2net } from "./res2net.ts";
import type { Backbone } from "./residual_backbone.ts";
import { resnet } from "./resnet.ts";
import { resnext } from "./resnext.ts";

/**
 * Makes the backbone that a config describes.
 *
 * @param scope Where its parameters are made.
 * @param config All its settings, as {@linkcode resolveBackboneConfig} gives them.
 * @returns The backbone.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import "@tensorflow/tfjs";
 * import { resolveBackboneConfig } from "ldlab/detectors/backbone_config.ts";
 * import { createBackbone } from "ldlab/detectors/create_backbone.ts";
 * import { openScope } from "ldlab/nn/scope.ts";
 *
 * const config = resolveBackboneConfig({ depth: 18, baseWidth: 4 });
 * const backbone = createBackbone(openScope({ seed: 1 }).scope, config);
 * assert.deepEqual(backbone.channels, [4, 8, 16, 32]);
 * ```
 */
export function createBackbone(
  scope: Scope,
  config: ResolvedBackboneConfig,
): Backbone {
  switch (config.kind) {
    case "resnet":
      return resnet(scope, config);
    case "resnext":
      return resnext(scope, config);
    case "res2net":
      return res2net(scope, config);
  }
}
