import assert from "node:assert/strict";
import { askedConfig } from "../../commands/config_flags.ts";
import { configNames, findConfig } from "../../commands/find_config.ts";
import { UsageError } from "../../commands/usage_error.ts";
import { resolveRunConfig } from "../../experiments/resolve_config.ts";

Deno.test("askedConfig() changes what is set, and what only followed from it", async () => {
  const { config, base } = await askedConfig("small_ld", [
    "model.kind=retina",
    "terms.ld.temperature=5",
  ]);
  assert.equal(config.model.kind, "retina");
  // RetinaNet's own: GFL's 8 was nobody's choice.
  assert.deepEqual([base.model.anchorScale, config.model.anchorScale], [8, 4]);
  assert.equal(config.detectorLosses, null);
  const { ld } = config.terms;
  assert.ok("temperature" in ld && ld.temperature === 5);
  assert.deepEqual(config.optimizer, base.optimizer);
});

Deno.test("askedConfig() keeps what was set though it is another detector's default", async () => {
  const settings = ["model.anchorScale=8.5", "model.kind=retina"];
  const { config } = await askedConfig("small_student", settings);
  assert.equal(config.model.anchorScale, 8.5);
});

Deno.test("askedConfig() lets a run do without what it may do without", async () => {
  const { config } = await askedConfig("gfl_r101-dconv-c3-c5_fpn_ms-2x_coco", [
    "initial=null",
    "model.backbone.deformable=null",
    "optimizer.perBatch=null",
  ]);
  assert.equal(config.initial, null);
  assert.equal(config.model.backbone!.deformable, null);
  assert.equal(config.optimizer.perBatch, null);
  const fcos = ["optimizer.biases=null"];
  const { config: { optimizer } } = await askedConfig(
    "fcos_r50_center_1x",
    fcos,
  );
  assert.equal(optimizer.biases, null);
  const jitter = ["augmentation.jitter=null"];
  const { config: { augmentation } } = await askedConfig(
    "small_teacher",
    jitter,
  );
  assert.equal(augmentation.jitter, null);
});

Deno.test("askedConfig() takes a term out and refuses what does not go together", async () => {
  const name = "ld_r18_gflv1_r101_fpn_coco_1x";
  const { config } = await askedConfig(name, ["terms.kd=null"]);
  assert.deepEqual(Object.keys(config.terms), ["ld", "vlrLd"]);
  for (
    const [setting, message] of [
      ["batchSize=5", /replicas must be a divisor of batchSize, 5/],
      [
        "epochs=9",
        /schedule\.epochs must be rising and below the run's 9 epochs/,
      ],
      ["terms.ld.temprature=5", /did you mean 'terms\.ld\.temperature'/],
      ["model.backbone.depth=19", /depth must be/],
      ["epochs=many", /must be a number/],
    ] as const
  ) {
    await assert.rejects(askedConfig(name, [setting]), (error) => {
      assert.ok(error instanceof UsageError, `${error}`);
      assert.match(error.message, message);
      return true;
    });
  }
});

Deno.test("findConfig() reads a file that says all that a config says", async () => {
  const { config } = await findConfig("smoke_ld");
  const path = await Deno.makeTempFile({ suffix: ".json" });
  try {
    await Deno.writeTextFile(path, JSON.stringify(config));
    assert.deepEqual((await findConfig(path)).config, config);
    await Deno.writeTextFile(path, JSON.stringify({ ...config, epochz: 3 }));
    await assert.rejects(findConfig(path), /did you mean 'epochs'/);
    await Deno.writeTextFile(path, "{ epochs");
    await assert.rejects(findConfig(path), /Cannot read the config .*\.json: /);
  } finally {
    await Deno.remove(path);
  }
  await assert.rejects(findConfig("none.json"), UsageError);
});

Deno.test("every name of a config is of one that is in order", async () => {
  assert.ok(configNames().length > 50);
  for (const name of configNames()) {
    resolveRunConfig((await findConfig(name)).config);
  }
});
