import assert from "node:assert/strict";
import fc from "fast-check";
import {
  applySettings,
  type SettingsOptions,
} from "../../commands/set_options.ts";
import { UsageError } from "../../commands/usage_error.ts";
import type { Json } from "../../lib/train/canonical_json.ts";

const config = {
  model: { kind: "gfl", regMax: 16, backbone: { depth: 50, deformable: null } },
  terms: {
    ld: { loss: "ld", temperature: 10 },
    kd: { loss: "kd", temperature: 2 },
  },
  schedule: { milestones: [8, 11], warmup: null },
  input: { scales: [[1333, 800], [1333, 480]] },
  augmentation: { flips: true },
  regions: [{ kind: "main" }, { kind: "vlr" }],
  detectorLosses: {},
  classes: [],
};
const options: SettingsOptions = {
  allowed: {
    "model.regMax": ["null"],
    "augmentation.flips": ["boolean", "text"],
    "backbone.deformable": ["object"],
  },
  records: ["terms"],
};

function set(...settings: string[]): Json {
  return applySettings(config, settings, options);
}

/** Refused with a message, and no part of the config is touched. */
function refused(message: RegExp, ...settings: string[]): void {
  const before = structuredClone(config);
  assert.throws(
    () => set(...settings),
    (error) =>
      error instanceof UsageError && error.message.startsWith("Cannot set '") &&
        message.test(error.message) || assert.fail(`${error}, not ${message}`),
  );
  assert.deepEqual(config, before);
}

Deno.test("applySettings() replaces numbers, text, lists, parts of lists and objects", () => {
  const before = structuredClone(config);
  assert.deepEqual(
    set(
      "model.backbone.depth=34",
      "model.kind=atss",
      "terms.ld.temperature=1e-3",
      "schedule.milestones=[16,22,23]",
      "regions.1.kind=empty=all",
      'terms.kd={"loss":"kd","activation":"sigmoid"}',
      'detectorLosses={ "dfl": 0 }',
      'classes=["cell"]',
      "input.scales=[[1333,640]]",
      "input.scales.0.1=600",
    ),
    {
      ...config,
      model: {
        ...config.model,
        kind: "atss",
        backbone: { depth: 34, deformable: null },
      },
      terms: {
        ld: { loss: "ld", temperature: 0.001 },
        kd: { loss: "kd", activation: "sigmoid" },
      },
      schedule: { milestones: [16, 22, 23], warmup: null },
      input: { scales: [[1333, 600]] },
      regions: [{ kind: "main" }, { kind: "empty=all" }],
      detectorLosses: { dfl: 0 },
      classes: ["cell"],
    },
  );
  assert.deepEqual(config, before);
});

Deno.test("applySettings() leaves a config without settings as it is", () => {
  assert.equal(set(), config);
});

Deno.test("applySettings() takes null where it is allowed, and entries out of records", () => {
  assert.deepEqual(set("model.regMax=null"), {
    ...config,
    model: { ...config.model, regMax: null },
  });
  assert.deepEqual(set("terms.kd=null"), {
    ...config,
    terms: { ld: config.terms.ld },
  });
  // As deep as a teacher's config is.
  const nested: Json = { teacher: { config } };
  assert.deepEqual(
    applySettings(nested, [
      "teacher.config.terms.ld=null",
      "teacher.config.augmentation.flips=horizontal",
    ], options),
    {
      teacher: {
        config: {
          ...config,
          terms: { kd: config.terms.kd },
          augmentation: { flips: "horizontal" },
        },
      },
    },
  );
  refused(
    /must be a number, as 50 is: current value is 'null'$/,
    "model.backbone.depth=null",
  );
  refused(/must be an object/, "terms=null");
  refused(/must be a number/, "terms.ld.temperature=null");
});

Deno.test("applySettings() puts anything in place of null, unless it is said what", () => {
  for (
    const [text, value] of [["500", 500], ["linear", "linear"], ["[1]", [1]], [
      "null",
      null,
    ]] as const
  ) {
    assert.deepEqual(set(`schedule.warmup=${text}`), {
      ...config,
      schedule: { ...config.schedule, warmup: value },
    });
  }
  set('model.backbone.deformable={"version":2,"stages":[3,4]}');
  set("model.backbone.deformable=null");
  refused(
    /must be null or an object: current value is '2'/,
    "model.backbone.deformable=2",
  );
});

Deno.test("applySettings() takes each kind of an option that has several", () => {
  for (
    const [text, value] of [["horizontal", "horizontal"], [
      "false",
      false,
    ]] as const
  ) {
    assert.deepEqual(set(`augmentation.flips=${text}`), {
      ...config,
      augmentation: { flips: value },
    });
  }
  refused(
    /must be true or false or text: current value is '1'; quotes make text/,
    "augmentation.flips=1",
  );
});

Deno.test("applySettings() refuses a value of another kind and says which it must be", () => {
  for (
    const [setting, message] of [
      [
        "model.backbone.depth=deep",
        /must be a number, as 50 is: current value is 'deep'$/,
      ],
      ["model.backbone.depth=true", /must be a number/],
      ['model.backbone.depth="50"', /must be a number/],
      ["model.backbone.depth=[50]", /must be a number/],
      [
        "model.kind=5",
        /must be text, as "gfl" is: .*quotes make text of it: '"5"'$/,
      ],
      ["model.kind=true", /must be text/],
      [
        'model.kind={"a":1}',
        /must be text, as "gfl" is: current value is '\{"a":1\}'$/,
      ],
      ["model=5", /must be an object/],
      ["schedule.milestones=8", /must be a list, as \[8,11\] is/],
      ['schedule.milestones=[8,"11"]', /must be a list, as \[8,11\] is/],
      ["schedule.milestones=[8,[11]]", /must be a list/],
      ['input.scales=[["a","b"]]', /must be a list/],
      ["regions=[1]", /must be a list/],
    ] as const
  ) {
    refused(message, setting);
  }
});

Deno.test("applySettings() reads numbers as JSON does, and says so", () => {
  const depth = (text: string) =>
    (set(`model.backbone.depth=${text}`) as typeof config).model.backbone.depth;
  assert.equal(depth("1e-3"), 0.001);
  assert.equal(depth(" 7 "), 7);
  assert.ok(Object.is(depth("-0"), 0)); // a config's JSON could not tell
  for (
    const text of [
      "NaN",
      "Infinity",
      "-inf",
      "0x10",
      "0b1",
      ".5",
      "5.",
      "+5",
      "05",
    ]
  ) {
    refused(
      /numbers are decimal and finite, as 16, -0.5 or 1e-3/,
      `model.backbone.depth=${text}`,
    );
    refused(/numbers are decimal and finite/, `schedule.warmup=${text}`);
  }
  refused(/larger than any/, "model.backbone.depth=1e999");
  refused(/larger than any/, "schedule.milestones=[8,-1e999]");
  assert.equal((set("model.kind=NaN") as typeof config).model.kind, "NaN");
});

Deno.test("applySettings() refuses what is no setting and no value", () => {
  for (const setting of ["", "epochs", "=5", "model.backbone.depth 5"]) {
    refused(/a setting is key=value/, setting);
  }
  refused(/there is no value; empty text is '""'/, "model.kind=");
  assert.equal((set('model.kind=""') as typeof config).model.kind, "");
  for (const text of ["[8,11", '{"a":1', '"gfl', "[8,,11]"]) {
    refused(/starts as JSON and is none/, `model.kind=${text}`);
  }
});

Deno.test("applySettings() names the nearest key and its siblings", () => {
  refused(
    /^Cannot set 'model\.backbone\.dpeth': model\.backbone has no 'dpeth', did you mean 'model\.backbone\.depth'\? it has depth, deformable$/,
    "model.backbone.dpeth=34",
  );
  refused(
    /^Cannot set 'modle\.kind': the config has no 'modle', did you mean 'model'\? it has model, terms,/,
    "modle.kind=gfl",
  );
  refused(
    /terms has no 'imitation'; it has ld, kd$/,
    "terms.imitation=1",
  );
  refused(
    /detectorLosses has no 'dfl'; it has nothing$/,
    "detectorLosses.dfl=0",
  );
  refused(/has no '', did|has no ''; it/, "model.=1");
  refused(
    /regions is a list without '2'; it has 0 to 1/,
    "regions.2.kind=main",
  );
  refused(/a list without '-1'/, "regions.-1.kind=main");
  refused(/a list without '00'/, "regions.00.kind=main");
  refused(/a list without 'length'/, "regions.length=1");
  refused(/a list without '0'; it has none/, "classes.0=cell");
  refused(/model\.kind is "gfl", no object$/, "model.kind.depth=1");
  refused(
    /deformable is null, no object: set 'model\.backbone\.deformable' itself/,
    "model.backbone.deformable.version=2",
  );
});

Deno.test("applySettings() reaches no prototype", () => {
  for (const name of ["__proto__", "constructor", "prototype", "toString"]) {
    refused(new RegExp(`has no '${name}'`), `${name}=1`);
    refused(new RegExp(`has no '${name}'`), `model.${name}.polluted=1`);
  }
  refused(
    /nothing is called '__proto__'/,
    'detectorLosses={"__proto__":{"a":1}}',
  );
  refused(
    /nothing is called 'constructor'/,
    'schedule.warmup=[{"constructor":1}]',
  );
  assert.equal(({} as { polluted?: number }).polluted, undefined);
});

Deno.test("applySettings() refuses a setting that would undo one before it", () => {
  refused(
    /'model\.kind' is set before it, and would be lost/,
    "model.kind=a",
    "model.kind=b",
  );
  refused(
    /'terms\.ld\.temperature' is set before it/,
    "terms.ld.temperature=5",
    "terms={}",
  );
  // A name that only starts alike is another.
  applySettings({ a: 1, ab: 2 }, ["ab=1", "a=1"]);
});

/** Names that can be typed as keys. */
const name = fc.stringMatching(/^[a-z][a-zA-Z0-9]{0,5}$/)
  .filter((key) => !["constructor", "prototype"].includes(key));
const { config: anyConfig } = fc.letrec<{ node: Json; config: Json }>((
  tie,
) => ({
  node: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.oneof(
      fc.constant(null),
      fc.boolean(),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => x || 0),
      fc.string(),
    ),
    fc.array(tie("node"), { maxLength: 3 }),
    fc.dictionary(name, tie("node"), { maxKeys: 4, noNullPrototype: true }),
  ),
  config: fc.dictionary(name, tie("node"), {
    minKeys: 1,
    maxKeys: 4,
    noNullPrototype: true,
  }),
}));

/** Every place in a config with its value. */
function places(node: Json, path = ""): [path: string, value: Json][] {
  if (typeof node !== "object" || node === null) return [];
  return Object.entries(node).flatMap(([key, value]) => {
    const at = path === "" ? key : `${path}.${key}`;
    return [[at, value as Json], ...places(value as Json, at)] as [
      string,
      Json,
    ][];
  });
}

Deno.test("applySettings() with a config's own values changes nothing", () => {
  fc.assert(fc.property(anyConfig, (config) => {
    const before = structuredClone(config);
    // Wholes before their parts.
    const settings = places(config)
      .map(([path, value]) => `${path}=${JSON.stringify(value)}`);
    assert.deepEqual(applySettings(config, settings), before);
    assert.deepEqual(config, before);
  }));
});

Deno.test("applySettings() changes the value it names and no other", () => {
  fc.assert(
    fc.property(
      anyConfig,
      fc.nat(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      (config, pick, value) => {
        const leaves = places(config).filter(([, value]) =>
          typeof value === "number"
        );
        fc.pre(leaves.length > 0);
        const [path] = leaves[pick % leaves.length];
        const changed = applySettings(config, [`${path}=${value}`]);
        assert.deepEqual(
          places(changed).filter(([, value]) => typeof value !== "object"),
          places(config).filter(([, value]) => typeof value !== "object")
            .map(([at, own]) => [at, at === path ? value || 0 : own]),
        );
      },
    ),
  );
});

Deno.test("applySettings() refuses every name that an object does not have", () => {
  fc.assert(fc.property(anyConfig, name, fc.nat(), (config, unknown, pick) => {
    const objects: [string, Json][] = [["", config], ...places(config)];
    const all = objects.filter(([, value]) =>
      typeof value === "object" && value !== null && !Array.isArray(value)
    );
    const [path, object] = all[pick % all.length];
    fc.pre(!Object.hasOwn(object as object, unknown));
    const key = path === "" ? unknown : `${path}.${unknown}`;
    assert.throws(
      () => applySettings(config, [`${key}=1`]),
      (error) =>
        error instanceof UsageError &&
        error.message.includes(`has no '${unknown}'`) &&
        Object.keys(object as object).every((k) => error.message.includes(k)),
    );
  }));
});
