import assert from "node:assert/strict";
import {
  publishedConfig,
  publishedNames,
} from "../../../experiments/published/mod.ts";
import {
  type ResolvedRunConfig,
  resolveRunConfig,
} from "../../../experiments/resolve_config.ts";
import { learningRateOf } from "../../../experiments/run_schedule.ts";
import { checkTeacher } from "../../../experiments/teacher_fit.ts";

const resolved = (name: string) =>
  resolveRunConfig(publishedConfig(name).config);

/** A short text of a backbone: `R101-DCN234`. */
function networkOf({ backbone }: ResolvedRunConfig["model"]): string {
  const letters = { resnet: "R", resnext: "X", res2net: "R2-" };
  const { kind, depth, deformable } = backbone;
  const stages = deformable ? `-DCN${deformable.stages.join("")}` : "";
  return `${letters[kind]}${depth}${stages}`;
}

/** The weight of a term before KL, as `weight·T²/divisor on region`. */
function weightsOf({ terms }: ResolvedRunConfig): Record<string, string> {
  return Object.fromEntries(
    Object.entries(terms).map(([name, term]) => {
      if (term.loss === "fgd" || term.loss === "tbr") return [name, "?"];
      const { weight, dividedBy, region: { kind } } = term;
      const squared = "temperature" in term ? term.temperature ** 2 : 1;
      return [
        name,
        `${Number((weight * squared / dividedBy).toPrecision(8))} ${kind}`,
      ];
    }),
  );
}

// The released files and heads (HikariTJU/LD at 4287990c). LD's weight is 0.25 at
// τ = 10 over 4, VLR's over 16: 6.25 and 1.5625. KD's is 10 at τ = 2: 40.
const MAIN = { ld: "6.25 main" };
const OURS = { ...MAIN, vlrLd: "1.5625 vlr", kd: "40 main" };
const HALF_KD = { ...OURS, kd: "20 main" };
const WITH = (imitation: string) => ({ ...OURS, imitation });
const [X1, X2] = [[12, 8, 11], [24, 16, 22]];
const [TO_800, TO_960] = ["480-800", "480-960"];

type Row = readonly [
  name: string,
  detector: string,
  gpus: number,
  images: number,
  rate: number,
  epochs: readonly number[],
  scales: string,
  teacher: string | null,
  terms: Readonly<Record<string, string>>,
];

const ROWS: readonly Row[] = [
  ["gfl_r50_fpn_1x_coco", "gfl R50", 2, 3, 0.00375, X1, "800", null, {}],
  ["gfl_r101_fpn_ms-2x_coco", "gfl R101", 8, 2, 0.01, X2, TO_800, null, {}],
  [
    "gfl_r101-dconv-c3-c5_fpn_ms-2x_coco",
    ...["gfl R101-DCN234", 8, 2, 0.01, X2, TO_800, null, {}] as const,
  ],
  [
    "ld_r18_gflv1_r101_fpn_coco_1x",
    ...["gfl R18", 2, 3, 0.00375, X1, "800", "gfl R101", OURS] as const,
  ],
  [
    "ld_r34_gflv1_r101_fpn_coco_1x",
    ...["gfl R34", 2, 3, 0.00375, X1, "800", "gfl R101", OURS] as const,
  ],
  [
    "ld_r50_gflv1_r101_fpn_coco_1x",
    ...["gfl R50", 2, 2, 0.0025, X1, "800", "gfl R101"] as const,
    WITH("2 fineGrained"),
  ],
  [
    "ours_r50_gflv1_r101_fpn_coco_1x",
    ...["gfl R50", 2, 2, 0.0025, X1, "800", "gfl R101", OURS] as const,
  ],
  [
    "ld_r101_gflv1_r101dcn_fpn_coco_2x",
    ...["gfl R101", 2, 3, 0.00375, X2, TO_800, "gfl R101-DCN234"] as const,
    OURS,
  ],
  [
    "ld_gflv1_r101_r50_fpn_coco_1x",
    ...["gfl R50", 2, 3, 0.00375, X1, "800", "gfl R101", MAIN] as const,
  ],
  [
    "self_ld_gflv1_x101_dcn_fpn_coco_1x",
    ...["gfl X101-DCN34", 2, 2, 0.0025, X1, "800", "gfl X101-DCN34"] as const,
    MAIN,
  ],
  [
    "ta_34_18",
    ...["gfl R18", 2, 3, 0.00375, X1, "800", "gfl R34", MAIN] as const,
  ],
  [
    "gfocal_r2n101_dcn_fpn_ms2x",
    ...["gflV2 R2-101-DCN34", 8, 2, 0.01, X2, TO_960, null, {}] as const,
  ],
  ["gflv2_r101_fpn_2x_coco", "gflV2 R101", 8, 2, 0.01, X2, TO_800, null, {}],
  [
    "ld_r50_gflv2_r101_fpn_1x",
    ...["gflV2 R50", 2, 3, 0.00375, X1, "800", "gflV2 R101"] as const,
    WITH("2 gi"),
  ],
  [
    "im_r101_gflv2_r101_dcn_2x",
    ...["gflV2 R101", 8, 2, 0.01, X2, TO_960, "gflV2 R101-DCN234"] as const,
    { ...HALF_KD, imitation: "2 gi" },
  ],
  [
    "im_r101_gflv2_r2n101_dcn_2x",
    ...["gflV2 R101", 8, 2, 0.01, X2, TO_800, "gflV2 R2-101-DCN34"] as const,
    WITH("2 gi"),
  ],
  [
    "im_gflv2_x101-32x4dr2n101_dcn_2x",
    ...["gflV2 X101-DCN34", 8, 2, 0.01, X2, TO_960] as const,
    "gflV2 R2-101-DCN34",
    { ...HALF_KD, imitation: "1 gi" },
  ],
  [
    "ld_gflv2_r2n_r101dcn_fpn_coco_2x",
    ...["gflV2 R101-DCN234", 8, 2, 0.01, X2, TO_960] as const,
    "gflV2 R2-101-DCN34",
    MAIN,
  ],
  [
    "retinagfl_r101_2x_coco",
    ...["retina R101", 2, 2, 0.0025, X2, TO_800, null, {}] as const,
  ],
  // 5 · 100 / 4, 0.03 of 5; KD at τ = 8.
  [
    "ld_retina_r50_1x",
    ...["retina R50", 2, 2, 0.0025, X1, "800", "retina R101"] as const,
    { ld: "125 main", vlrLd: "3.75 retinaVlr", kd: "640 main" },
  ],
  [
    "fcos_gfl_r101_2x_center",
    ...["fcos R101", 8, 2, 0.01, X2, "640,800", null, {}] as const,
  ],
  // A quarter of LD over 4.
  [
    "ld_r50_fcos_r101_1x",
    ...["fcos R50", 8, 2, 0.01, X1, "800", "fcos R101"] as const,
    { ...OURS, vlrLd: "1.5625 fcosVlr" },
  ],
  ["atss_gfl_r101_2x", "atss R101", 2, 2, 0.0025, X2, TO_800, null, {}],
  // 0.15 of LD over 4.
  [
    "ld_r50_atss_r101_1x",
    ...["atss R50", 8, 2, 0.01, X1, "800", "atss R101"] as const,
    { ...OURS, vlrLd: "0.9375 vlr" },
  ],
  [
    "gfl_r101_fpn_voc",
    ...["gfl R101", 2, 3, 0.00375, [16, 12], "800", null, {}] as const,
  ],
  [
    "ld_r18_gflv1_r101_fpn_voc_1x",
    ...["gfl R18", 2, 3, 0.00375, [4, 3], "800", "gfl R101", OURS] as const,
  ],
  [
    "ld_gflv1_r101dcn_r34_fpn_voc",
    ...["gfl R34", 2, 3, 0.00375, [4, 3], "800", "gfl R101-DCN234"] as const,
    MAIN,
  ],
  [
    "ld_r18_self_2x_3x_voc",
    ...["gfl R18", 2, 3, 0.00375, [12, 9], "800", "gfl R18", OURS] as const,
  ],
];

for (const [name, ...expected] of ROWS) {
  Deno.test(`publishedConfig() has the released numbers of ${name}`, () => {
    const run = resolved(name);
    const { model, input, schedule, teacher, epochs, replicas } = run;
    assert.ok(input.kind === "keepRatio" && schedule.kind === "steps");
    const { train: { mode, scales }, test } = input;
    assert.deepEqual([...new Set(scales.map(([long]) => long))], [1333]);
    assert.deepEqual(test, [1333, 800]);
    const whose = teacher &&
      ("config" in teacher ? teacher.config.model : teacher.model);
    assert.deepEqual([
      `${model.kind} ${networkOf(model)}`,
      replicas,
      run.batchSize / replicas,
      learningRateOf(run),
      [epochs, ...schedule.epochs],
      scales.map(([, short]) => short).join(mode === "range" ? "-" : ","),
      whose && `${whose.kind} ${networkOf(whose)}`,
      weightsOf(run),
    ], expected);
  });
}

Deno.test("publishedConfig() has what all released files share, and FCOS's own", () => {
  for (const name of publishedNames()) {
    const run = resolved(name);
    const fcos = run.model.kind === "fcos";
    assert.deepEqual(run.optimizer, {
      kind: "sgd",
      learningRate: 0.01,
      perBatch: 16,
      momentum: 0.9,
      weightDecay: 1e-4,
      biases: fcos ? { rate: 2, decay: 0 } : null,
    }, name);
    assert.equal(run.schedule.kind === "steps" && run.schedule.factor, 0.1);
    assert.deepEqual(run.warmup, {
      iterations: 500,
      start: fcos ? 1 / 3 : 0.001,
    });
    assert.equal(run.clipNorm, null);
    assert.deepEqual(run.augmentation, { flips: "horizontal", jitter: null });
    assert.ok(run.input.kind === "keepRatio");
    assert.equal(run.input.divisor, 32);
    assert.equal(run.input.normalisation, fcos ? "caffeBgr" : "imagenetRgb");
    const { frozenStages, normEval } = run.model.backbone;
    assert.deepEqual([frozenStages, normEval], [1, fcos ? "frozen" : true]);
    assert.ok(run.initial && "backbone" in run.initial);
    const onVoc = run.data.kind === "voc";
    assert.equal(run.model.numClasses, onVoc ? 20 : 80);
    assert.equal(run.evaluation, onVoc ? "voc07" : "coco");
    if (run.data.kind === "voc") {
      assert.equal(run.data.repeat, 3);
      assert.deepEqual(run.data.train.map(({ split }) => split), [
        "trainval",
        "trainval",
      ]);
    }
    checkTeacher(name, publishedConfig(name).config);
  }
});

Deno.test("publishedConfig() has complete IoU where a file of VOC has it, and no DFL where the head computes none", () => {
  const losses = (name: string) => {
    const { giou, ciou, dfl } = resolved(name).detectorLosses!;
    return { giou, ciou, dfl };
  };
  const published = { giou: 2, ciou: 0, dfl: 0.25 };
  assert.deepEqual(losses("gfl_r101_fpn_voc"), published);
  assert.deepEqual(losses("ld_r18_self_2x_3x_voc"), published);
  const ciou = { giou: 0, ciou: 2, dfl: 0.25 };
  assert.deepEqual(losses("gfl_r18_fpn1x_voc"), ciou);
  assert.deepEqual(losses("ld_r18_gflv1_r101_fpn_voc_1x"), ciou);
  assert.deepEqual(losses("ld_r50_gflv2_r101_fpn_1x"), published);
  const noDfl = { ...published, dfl: 0 };
  assert.deepEqual(losses("im_r101_gflv2_r101_dcn_2x"), noDfl);
});

// The paper's Tables 4 to 6 and the README of 2021.
const RESULTS: Readonly<Record<string, readonly [string, ...number[]]>> = {
  "ld_r18_gflv1_r101_fpn_coco_1x": ["Table 4", 37.5, 54.7, 40.4],
  "ld_r34_gflv1_r101_fpn_coco_1x": ["Table 4", 41.0, 58.6, 44.6],
  "ours_r50_gflv1_r101_fpn_coco_1x": ["Table 4", 42.1, 60.3, 45.6],
  "gfl_r50_fpn_1x_coco": ["Table 4", 40.1, 58.2, 43.1],
  "ld_retina_r50_1x": ["Table 5", 39.0, 56.4, 42.4],
  "ld_r50_fcos_r101_1x": ["Table 5", 40.6, 58.4, 44.1],
  "ld_r50_atss_r101_1x": ["Table 5", 41.6, 59.3, 45.3],
  "ld_r50_gflv2_r101_fpn_1x": ["Table 6", 42.7, 60.2, 46.7],
  "im_r101_gflv2_r101_dcn_2x": ["Table 6", 47.1, 65.0, 51.4],
  "im_gflv2_x101-32x4dr2n101_dcn_2x": ["Table 6", 50.5, 69.0, 55.3],
  "ld_gflv1_r101_r50_fpn_coco_1x": ["README", 41.1, 58.7, 44.9],
  "ld_gflv1_r101dcn_r101_fpn_coco_2x": ["README", 45.4, 63.1, 49.5],
  "self_ld_gflv1_x101_dcn_fpn_coco_1x": ["README", 47.5, 65.8, 51.8],
  "ld_gflv2_r2n_r2n_fpn_coco_2x": ["README", 51.0, 69.1, 55.9],
  "ld_gflv1_r101_r18_fpn_voc": ["README", 53.0, 75.9, 57.6],
  "ld_gflv1_r101dcn_r101_fpn_voc": ["README", 58.4, 80.2, 63.7],
};

Deno.test("publishedConfig() brings what was published of a run", () => {
  for (const [name, [where, ...values]] of Object.entries(RESULTS)) {
    const { results } = publishedConfig(name);
    const { metrics } = results.find(({ table }) => table.includes(where))!;
    const { ap, ap50, ap75 } = metrics;
    assert.deepEqual([ap, ap50, ap75], values, name);
  }
});

Deno.test("publishedConfig() names the nearest run where there is none", () => {
  assert.throws(() => publishedConfig("ld_r18_gflv1_r101_fpn_coco_2x"), {
    name: "RangeError",
    message:
      "Cannot find the published run 'ld_r18_gflv1_r101_fpn_coco_2x': did you " +
      "mean 'ld_r18_gflv1_r101_fpn_coco_1x'?",
  });
  assert.throws(() => publishedConfig("?"), /there are gfl_r18_fpn_1x_coco, /);
});
