import assert from "node:assert/strict";
import { apOverEpochs, type EpochRow } from "ldlab/report/ap_over_epochs.ts";

const seed = (first: number, last: number) => [
  { epoch: 6, ap: first },
  { epoch: 12, ap: last },
];
const rows: EpochRow[] = [
  { name: "alone", over: null, seeds: [seed(18, 36), seed(22, 40)] },
  { name: "KD", over: 0, seeds: [seed(20, 37), seed(20, 39)] },
  { name: "LD", over: 0, seeds: [seed(22, 40), seed(24, 42)] },
  { name: "both", over: 2, seeds: [seed(22, 41), seed(24, 43)] },
];
const draw = (of: readonly EpochRow[]) => apOverEpochs(of, { tested: "T" });
// deno-lint-ignore no-explicit-any
type Trace = any;
const lineOf = (of: readonly EpochRow[], name: string): Trace =>
  draw(of).data.find((trace) => trace.name === name);

Deno.test("apOverEpochs() draws means over seeds with their deviation", () => {
  const line = lineOf(rows, "alone");
  assert.deepEqual([line.x, line.y], [[6, 12], [20, 38]]);
  // Two values: deviation = |difference| / √2, here 4 / √2 at both.
  const band = lineOf(rows, "alone, deviation");
  const half = 4 / Math.SQRT2;
  assert.deepEqual(band.x, [6, 12, 12, 6]);
  const wanted = [20 + half, 38 + half, 38 - half, 20 - half];
  for (const [at, y] of band.y.entries()) {
    assert.ok(Math.abs(y - wanted[at]) < 1e-9);
  }
  const { yaxis, title } = draw(rows).layout;
  assert.ok(yaxis.range[0] < 20 - half && yaxis.range[1] > 42 + Math.SQRT2);
  assert.match(title.subtitle.text, /T; means over 2 seeds$/);
});

Deno.test("apOverEpochs() turns to one row against that which its gain is over", () => {
  const { sliders: [{ steps }] } = draw(rows).layout;
  assert.deepEqual(
    steps.map(({ label }: { label: string }) => label),
    ["all rows", "KD", "LD", "both"],
  );
  // "both" is over LD; the others are pale and without a band.
  const [{ opacity, visible }, layout] = steps[3].args;
  assert.deepEqual(visible.slice(0, 4), [false, false, true, true]);
  assert.deepEqual(opacity.slice(4).map((o: number) => o === 1), [
    ...[false, false, true, true],
  ]);
  assert.match(layout["title.subtitle.text"], /bands are deviations/);
  assert.ok(visible.slice(4).every(Boolean));
});

Deno.test("apOverEpochs() tells 15 rows apart, and a baseline by its dashes", () => {
  const [alone, other] = rows;
  const many = [
    alone,
    ...Array.from({ length: 14 }, (_, at) => ({ ...other, name: `${at}` })),
  ];
  const looks = draw(many).data
    .filter(({ showlegend }) => showlegend)
    .map(({ line, marker }: Trace) =>
      `${line.color} ${line.dash} ${marker.symbol}`
    );
  assert.equal(new Set(looks).size, 15);
  assert.match(looks[0], /#000000 dash/);
  // Two pairs: each baseline has the colour of the only row over it.
  const pairs = [alone, other, { ...alone, name: "alone 2" }, {
    ...other,
    name: "KD 2",
    over: 2,
  }];
  const color = (name: string) => lineOf(pairs, name).line.color;
  assert.equal(color("alone"), color("KD"));
  assert.equal(color("alone 2"), color("KD 2"));
  assert.notEqual(color("KD"), color("KD 2"));
  assert.equal(lineOf(pairs, "alone").line.dash, "dash");
  assert.equal(lineOf(pairs, "KD").line.dash, "solid");
});

Deno.test("apOverEpochs() draws one seed, the end alone, and only what all seeds have", () => {
  const one = rows.map((row) => ({ ...row, seeds: row.seeds.slice(0, 1) }));
  assert.deepEqual(lineOf(one, "alone, deviation").x, []);
  assert.match(draw(one).layout.title.subtitle.text, /one seed$/);
  const [first, second] = rows[0].seeds;
  const uneven = [{ ...rows[0], seeds: [first, second.slice(1)] }];
  assert.deepEqual(lineOf(uneven, "alone").x, [12]);
  assert.match(
    draw(uneven).layout.title.subtitle.text,
    /measured at their end only/,
  );
});

Deno.test("apOverEpochs() says which row has no result", () => {
  const figure = draw([rows[0], { ...rows[1], seeds: [] }, ...rows.slice(2)]);
  const lost: Trace = figure.data.find(({ name }) => name === "KD: no result");
  assert.deepEqual([lost.x, lost.showlegend], [[null], true]);
  const { sliders: [{ steps }] } = figure.layout;
  assert.deepEqual(
    steps.map(({ label }: { label: string }) => label),
    ["all rows", "LD", "both"],
  );
  const none = draw(rows.map((row) => ({ ...row, seeds: [] })));
  assert.equal(none.layout.sliders, undefined);
  assert.equal(none.layout.yaxis.range, undefined);
});

Deno.test("apOverEpochs() says how many seeds a row has that lost some", () => {
  const [alone, kd] = rows;
  const few = [alone, { ...kd, seeds: kd.seeds.slice(1) }];
  const names = draw(few).data.filter(({ showlegend }) => showlegend)
    .map(({ name }) => name);
  assert.deepEqual(names, ["alone", "KD (1 of 2 seeds)"]);
});

Deno.test("apOverEpochs() refuses no rows, and rows over others that are not there", () => {
  assert.throws(() => draw([]), {
    name: "RangeError",
    message: /current value is no row/,
  });
  assert.throws(() => draw([{ ...rows[0], over: 7 }]), {
    name: "RangeError",
    message: /current value is 'alone' over 7/,
  });
});
