import assert from "node:assert/strict";
import { PRESETS } from "ldlab/distill/mod.ts";
import type { RunConfig } from "../../experiments/config.ts";
import { resolveRunConfig } from "../../experiments/resolve_config.ts";
import { shortestConfig } from "../../experiments/shortest_config.ts";
import { tiny } from "./tiny_config.ts";

const pupil: RunConfig = {
  ...tiny,
  terms: PRESETS.cvpr2022.terms,
  teacher: { config: tiny, seed: 0 },
};

Deno.test("resolveRunConfig() spells out every setting, down to the teacher's backbone", () => {
  const resolved = resolveRunConfig(pupil);
  assert.equal(resolved.initial, null);
  assert.equal(resolved.optimizer.momentum, null);
  // Section 2.2 of what the released code does: VLR is divided by 16.
  const { vlrLd } = resolved.terms;
  assert.equal(vlrLd.loss === "ld" && vlrLd.dividedBy, 16);
  assert.deepEqual(vlrLd.region, {
    kind: "vlr",
    gamma: 0.25,
    ignoreIof: -1,
    measure: "diof",
    positives: "kept",
    topk: 9,
    upper: "open",
    weight: "iou",
  });
  const { teacher } = resolved;
  assert.ok(teacher && "config" in teacher);
  assert.equal(teacher.config.model.backbone.normEval, false);
  assert.deepEqual(teacher.config.detectorLosses, {
    qfl: 1,
    giou: 2,
    dfl: 0.25,
    ciou: 0,
  });
});

Deno.test("resolveRunConfig() changes nothing that is spelt out", () => {
  const resolved = resolveRunConfig(pupil);
  assert.deepEqual(resolveRunConfig(resolved), resolved);
});

Deno.test("resolveRunConfig() leaves no setting undefined, so that each can be set", () => {
  const absent: string[] = [];
  const look = (value: unknown, path: string) => {
    if (value === undefined) absent.push(path);
    if (typeof value !== "object" || value === null) return;
    for (const [name, member] of Object.entries(value)) {
      look(member, `${path}.${name}`);
    }
  };
  const sgd = { kind: "sgd", learningRate: 1, weightDecay: 0 } as const;
  look(resolveRunConfig({ ...pupil, optimizer: sgd }), "");
  assert.deepEqual(absent, []);
});

Deno.test("shortestConfig() leaves out what goes without saying, and nothing else", () => {
  const resolved = resolveRunConfig(pupil);
  assert.deepEqual(shortestConfig(resolved), shortestConfig(pupil));
  const { terms, teacher, ...own } = shortestConfig(resolved);
  const { terms: _, teacher: __, ...rest } = tiny;
  assert.deepEqual(own, rest);
  assert.deepEqual(teacher, { config: tiny, seed: 0 });
  // The released weights and temperatures are the terms' own.
  assert.deepEqual(terms, {
    ld: { loss: "ld", region: { kind: "main" }, weight: 0.25 },
    vlrLd: { loss: "ld", region: { kind: "vlr" }, weight: 0.25 },
    kd: { loss: "kd", region: { kind: "main" }, weight: 10 },
  });
});

Deno.test("shortestConfig() keeps a null that means something", () => {
  const model = { ...tiny.model, kind: "atss", regMax: null } as const;
  const config = { ...tiny, model, clipNorm: null };
  assert.deepEqual(shortestConfig(resolveRunConfig(config)), config);
});
