import assert from "node:assert/strict";
import fc from "fast-check";
import { configToText } from "../../commands/print_config.ts";
import { applySettings } from "../../commands/set_options.ts";
import type { Json } from "../../lib/train/canonical_json.ts";

const base = {
  data: { kind: "voc", root: "data/x y", classes: ["a", "b"] },
  terms: { ld: { loss: "ld", temperature: 10 }, kd: { loss: "kd" } },
  detectorLosses: {},
  regions: [{ kind: "main" }, { kind: "vlr" }],
  teacher: null,
  split: "2007",
  epochs: 24,
  precision: undefined,
};

Deno.test("configToText() aligns the values of a level and quotes text that is not read as text", () => {
  assert.equal(
    configToText(base),
    `data:
  kind:    voc
  root:    data/x y
  classes: ["a", "b"]
terms:
  ld:
    loss:        ld
    temperature: 10
  kd:
    loss: kd
detectorLosses: {}
regions:
  0:
    kind: main
  1:
    kind: vlr
teacher: null
split:   "2007"
epochs:  24`,
  );
  assert.equal(configToText([1, 2]), "[1, 2]");
});

Deno.test("configToText() marks what differs from a base, with what was there", () => {
  assert.equal(
    configToText({
      ...base,
      data: { ...base.data, classes: ["a"] },
      terms: { ld: { loss: "ld", temperature: 5 } },
      detectorLosses: { dfl: 0 },
      regions: [{ kind: "main" }, { kind: "all" }],
      teacher: { seed: 0, config: { epochs: 12 } },
      epochs: 12,
    }, base),
    `  data:
    kind:    voc
    root:    data/x y
*   classes: ["a"] (was ["a", "b"])
  terms:
    ld:
      loss:        ld
*     temperature: 5 (was 10)
*   kd: taken out (was {"loss":"kd"})
  detectorLosses:
*   dfl: 0 (new)
  regions:
    0:
      kind: main
    1:
*     kind: all (was vlr)
* teacher: (was null)
*   seed: 0
*   config:
*     epochs: 12
  split:  "2007"
* epochs: 12 (was 24)`,
  );
  assert.match(
    configToText({ ...base, regions: [1], teacher: {} }, base),
    /\n\* regions: \[1\] \(was \[\{"kind":"main"\}, \{"kind":"vlr"\}\]\)\n\* teacher: \{\} \(was null\)\n/,
  );
});

Deno.test("configToText() marks nothing beside an equal base", () => {
  for (const line of configToText(structuredClone(base), base).split("\n")) {
    assert.match(line, /^ {2}/);
  }
});

Deno.test("configToText() writes values as settings read them", () => {
  const value = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string().map((text) => text.trim()),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => x || 0),
    fc.boolean(),
    fc.array(fc.oneof(fc.integer(), fc.string()), { maxLength: 3 }),
  );
  fc.assert(fc.property(value, (value) => {
    const config: Json = { key: value };
    const text = configToText(config);
    assert.match(text, /^key: /);
    assert.deepEqual(
      applySettings(config, [`key=${text.slice("key: ".length)}`]),
      config,
    );
    assert.equal(text.includes("\n"), false);
  }));
});
