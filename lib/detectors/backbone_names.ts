/** What the layers of a ResNet are called, in torchvision and MMDetection. */
const LAYER = /^(conv1|bn1|gn1|stem|layer\d+)\./;

/**
 * Weights of a classifier under the names that a detector's backbone has:
 * `layer1.0.conv1.weight` becomes `backbone.layer1.0.conv1.weight`.
 *
 * Use it on torchvision's ResNets and on the backbones that MMDetection starts
 * from, then load with {@linkcode loadMatchingWeights}. MMDetection's ResNets
 * have torchvision's names behind `backbone.`.
 *
 * @param weights By torchvision's names. Those of no backbone layer, as the
 * classifier's `fc.weight`, keep their names, so that they are reported as extra.
 * @returns The same weights, in the same order.
 * @throws {RangeError} If no name is one of a ResNet's layers.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { backboneNames } from "ldlab/detectors/backbone_names.ts";
 *
 * const names = backboneNames(new Map([["bn1.weight", 1], ["fc.weight", 2]]));
 * assert.deepEqual([...names.keys()], ["backbone.bn1.weight", "fc.weight"]);
 * assert.throws(() => backboneNames(new Map([["conv2.bias", 1]])), RangeError);
 * ```
 */
export function backboneNames<Weight>(
  weights: ReadonlyMap<string, Weight>,
): Map<string, Weight> {
  const names = [...weights.keys()];
  if (!names.some((name) => LAYER.test(name))) {
    throw new RangeError(
      `Cannot name a backbone's weights: there is no 'conv1.weight', ` +
        `'layer1.…' or the like among '${names.slice(0, 5).join("', '")}'`,
    );
  }
  return new Map(
    [...weights].map(([name, weight]) => [
      LAYER.test(name) ? `backbone.${name}` : name,
      weight,
    ]),
  );
}
