/**
 * Self-LD: a student learns from a trained network of its own architecture. The
 * numbers are of the repository's README of 2021.
 *
 * R18 and R50 are, at `small` and `smoke`, the usual student and the teacher's
 * network trained as the student is. Who teaches has a seed that no student has.
 *
 * smoke: 4 runs of seconds and their 2 teachers. small: 2 students of half a
 * minute and 2 of two minutes a seed, and as many teachers: 18 minutes with 3
 * seeds. paper: 4 published runs. `./ldlab table self_distillation`
 */
import { PRESETS } from "../../lib/distill/mod.ts";
import type { RunConfig } from "../config.ts";
import { publishedConfig } from "../published/mod.ts";
import { selfDistillation } from "../self_distillation.ts";
import { type Claim, concludeClaims } from "./claims.ts";
import { publishedChange } from "./published_row.ts";
import { studentGains } from "./student_gains.ts";
import {
  SIX_METRICS,
  type TableExperiment,
  type TablePlan,
  type TableRow,
} from "./table_experiment.ts";
import type { TableSetting } from "./table_setting.ts";

/** Of the network that teaches itself. */
const OWN_SEED = 1000;

const NETWORKS = [
  {
    id: "r18",
    network: "R18",
    runs: ["gfl_r18_fpn_1x_coco", "self_ld_gflv1_r18_fpn_coco_1x"],
    paper: [[35.8, 53.1, 38.2], [36.1, 52.9, 38.5]],
  },
  {
    id: "r50",
    network: "R50",
    runs: ["gfl_r50_fpn_1x_coco", "self_ld_gflv1_r50_fpn_coco_1x"],
    paper: [[40.1, 58.2, 43.1], [40.6, 58.2, 43.8]],
  },
] as const;

const selfOf = (id: string) => `${id}_self`;

function rowsOf(
  { id, network, paper }: typeof NETWORKS[number],
  [alone, self]: readonly Partial<RunConfig>[],
): TableRow[] {
  return [
    { id, label: network, change: alone, over: null, paper: paper[0] },
    {
      id: selfOf(id),
      label: `${network}, from itself`,
      change: self,
      over: id,
      paper: paper[1],
    },
  ];
}

function planOf(
  { scale, student, teacher, description }: TableSetting,
): TablePlan {
  if (scale === "paper") {
    const { config: baseline } = publishedConfig(NETWORKS[0].runs[0]);
    return {
      teachers: [],
      baseline,
      rows: NETWORKS.flatMap((each) =>
        rowsOf(each, each.runs.map((name) => publishedChange(baseline, name)))
      ),
      description: "COCO 2017; GFL, batch 6",
    };
  }
  const { config: larger } = teacher as Extract<
    typeof teacher,
    { config: RunConfig }
  >;
  return {
    teachers: [],
    baseline: student,
    rows: NETWORKS.flatMap((each) => {
      const { model } = each.id === "r18" ? student : larger;
      const { depth, baseWidth } = model.backbone!;
      const { terms, teacher } = selfDistillation({ ...student, model }, {
        ...PRESETS.ld2021,
        teacherSeed: OWN_SEED,
      });
      const network = `${each.network} (R${depth} of width ${baseWidth})`;
      const named = { ...each, network } as typeof each;
      return rowsOf(named, [{ model }, { model, terms, teacher }]);
    }),
    description:
      `${description.split(";")[0]}; a teacher is the same network ` +
      "as its student, trained alone on the same images from another seed",
  };
}

const CLAIMS: readonly Claim[] = NETWORKS.map(({ id, network }) => ({
  kind: "higher",
  text: `LD from an equal helps ${network}`,
  of: selfOf(id),
  over: id,
}));

/** Self-LD as published. */
export const SELF_DISTILLATION: TableExperiment = {
  id: "self_distillation",
  title: "Self-LD: a student learns from its equal",
  question: "Does LD help where the teacher is no better than its student?",
  found: "A little: +0.3 AP for R18, +0.5 for R50.",
  metrics: SIX_METRICS.slice(0, 3),
  paper: "COCO val2017, one run each, the LD repository's README of 2021",
  gainOver: "the same student alone",
  at: planOf,
  conclude: (outcome) => concludeClaims(CLAIMS, outcome),
  figures: studentGains,
};
