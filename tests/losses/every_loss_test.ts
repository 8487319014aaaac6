/**
 * What every loss owes: its definition, the derivative of its definition, finite
 * numbers at extreme inputs and a place for no rows at all, wherever it runs.
 */
import type * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import * as losses from "ldlab/losses/mod.ts";
import { everywhere, type HostValues } from "../everywhere.ts";
import { centralDifferences, sum } from "../float64.ts";
import { assertClose } from "../golden.ts";
import { lossTable } from "./loss_table.ts";

/** Functions of lib/losses that have no rows: fgd_test.ts checks them. */
const noLosses = ["focalGlobalDistillation"];

Deno.test("lossTable has an entry of every function of lib/losses", () => {
  const functions = Object.entries(losses)
    .filter(([, value]) => typeof value === "function")
    .map(([name]) => name);
  const missing = functions.filter((name) =>
    !noLosses.includes(name) &&
    !Object.keys(lossTable).some((key) => key.startsWith(`${name}()`))
  );
  assert.deepEqual(missing, [], "add an entry of each");
  const gone = noLosses.filter((name) => !functions.includes(name));
  assert.deepEqual(gone, [], "they are no functions of the folder any more");
});

/** The values as float32 has them, in float64. */
function onHost(given: Record<string, HostValues>): Record<string, number[]> {
  return Object.fromEntries(
    Object.entries(given).map((
      [name, { data }],
    ) => [name, [...Float32Array.from(data)]]),
  );
}

/** The same inputs without a row. */
function withoutRows(given: Record<string, HostValues>) {
  return Object.fromEntries(
    Object.entries(given).map(([name, { shape, data }]) => [
      name,
      shape.length === 0
        ? { shape, data }
        : { shape: [0, ...shape.slice(1)], data: [] },
    ]),
  );
}

for (const [name, entry] of Object.entries(lossTable)) {
  const { loss, reference, inputs, extremes } = entry;
  const wrt = [...entry.wrt];
  const tolerance = { ofLargest: 1e-5, absolute: 0, ...entry.tolerance };

  Deno.test(`${name} is its float64 definition, its gradients the central differences of that`, async () => {
    const given = onHost(inputs);
    for (const [place, found] of await everywhere(loss, inputs, wrt)) {
      assertClose(found.value, reference(given, given), tolerance, place);
      for (const k of wrt) {
        const slopes = centralDifferences(
          (x) => sum(reference({ ...given, [k]: x }, given)),
          given[k],
        );
        const what = `gradient of ${k}, ${place}`;
        assertClose(found.gradients[k], slopes, {
          ofLargest: 1e-5,
          absolute: 1e-6,
        }, what);
      }
    }
  });

  Deno.test(`${name} has its value and finite gradients at extreme inputs`, async () => {
    const given = onHost(extremes);
    const expected = reference(given, given);
    for (const [place, found] of await everywhere(loss, extremes, wrt)) {
      assertClose(found.value, expected, tolerance, place);
      for (const k of wrt) {
        const gradient = found.gradients[k];
        assert.ok(gradient.every(Number.isFinite), `${place}: ${gradient}`);
      }
    }
  });

  Deno.test(`${name} of no rows has no rows`, async () => {
    let shape: number[] = [];
    const f = (given: Record<string, tf.Tensor>) => {
      const value = loss(given);
      shape = value.shape;
      return value;
    };
    const none = withoutRows(inputs);
    for (const [place, found] of await everywhere(f, none, wrt)) {
      assert.equal(shape[0], 0, place);
      assert.equal(found.value.length, 0, place);
      for (const k of wrt) assert.equal(found.gradients[k].length, 0, place);
    }
  });
}
