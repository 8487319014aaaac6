import assert from "node:assert/strict";
import { PanelHistory } from "../../../experiments/panel/history.ts";

Deno.test("PanelHistory keeps losses alone, of every second step after thousands", () => {
  const history = new PanelHistory();
  history.add(1, { ld: 2, total: 3, gradientNorm: 4, vlrLocations: 5 });
  assert.deepEqual(history.points, [{ iteration: 1, terms: { ld: 2 } }]);
  for (let step = 2; step <= 9000; step++) history.add(step, { ld: step });
  const steps = history.points.map(({ iteration }) => iteration);
  assert.ok(steps.length > 2000 && steps.length <= 4000, `${steps.length}`);
  assert.equal(steps.at(-1), 9000);
  const gaps = new Set(steps.slice(1).map((step, i) => step - steps[i]));
  assert.deepEqual([...gaps], [4]); // 4000 twice exceeded
  history.add(9001, { ld: 9001 });
  assert.equal(history.points.at(-1)!.iteration, 9000);
  assert.deepEqual(history.last, { iteration: 9001, terms: { ld: 9001 } });
});

Deno.test("PanelHistory keeps the last measure and some thousand of those before it", () => {
  const history = new PanelHistory();
  for (let at = 1; at <= 9000; at++) {
    history.addMeasure({ iteration: 20 * at, ap: 0.5 });
    assert.equal(history.measures.at(-1)?.iteration, 20 * at);
  }
  const { length } = history.measures;
  assert.ok(length > 2000 && length <= 4000, `${length}`);
  assert.equal(history.measures[0].iteration, 20);
});

Deno.test("PanelHistory takes a slider that is dragged for one move, and one that is put back for none", () => {
  const history = new PanelHistory();
  const move = (iteration: number, label: string, from: number, to: number) =>
    history.addChange({ iteration, label, from, to });
  move(5, "τ", 10, 11);
  move(6, "τ", 11, 12);
  move(7, "γ", 0.25, 0.5);
  move(30, "τ", 12, 13); // another time
  assert.deepEqual(history.changes, [
    { iteration: 5, label: "τ", from: 10, to: 12 },
    { iteration: 7, label: "γ", from: 0.25, to: 0.5 },
    { iteration: 30, label: "τ", from: 12, to: 13 },
  ]);
  move(31, "τ", 13, 12);
  assert.equal(history.changes.length, 2);
});
