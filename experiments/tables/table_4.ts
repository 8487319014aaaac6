/**
 * Table 4: lighter students. Each student without distillation and with "Ours"
 * (Main KD + Main LD + VLR LD), all from one teacher.
 *
 * R18, R34 and R50 of the paper are, at `small` and `smoke`: ResNet-18 of half
 * the usual student's width, ResNet-34 of that width, and the usual student.
 *
 * smoke: 6 runs of seconds. small: the teacher, 3 minutes, and 6 students of half
 * a minute a seed, 2 of them Table 2's: 12 minutes with 3 seeds. paper: 6
 * published runs. `./ldlab table 4`
 */
import { PRESETS } from "../../lib/distill/mod.ts";
import type { RunConfig } from "../config.ts";
import { publishedConfig } from "../published/mod.ts";
import { type Claim, concludeClaims } from "./claims.ts";
import { publishedChange } from "./published_row.ts";
import { studentGains } from "./student_gains.ts";
import {
  SIX_METRICS,
  type TableExperiment,
  type TablePlan,
  type TableRow,
} from "./table_experiment.ts";
import { type TableSetting, teacherRows } from "./table_setting.ts";

/** Channels of a published network after its first layer. */
const FULL_WIDTH = 64;

interface Student {
  readonly id: string;
  /** As the paper has it. */
  readonly network: string;
  /** The published runs without and with distillation. */
  readonly runs: readonly [string, string];
  /** The network's own. */
  readonly depth: 18 | 34 | 50;
  /** At the other scales, from the usual student's width where that is narrow. */
  readonly narrow: (width: number) => { depth: 18 | 34; baseWidth: number };
  readonly paper: readonly [readonly number[], readonly number[]];
}

const STUDENTS: readonly Student[] = [
  {
    id: "r18",
    network: "R18",
    runs: ["gfl_r18_fpn_1x_coco", "ld_r18_gflv1_r101_fpn_coco_1x"],
    depth: 18,
    narrow: (width) => ({ depth: 18, baseWidth: width / 2 }),
    paper: [
      [35.8, 53.1, 38.2, 18.9, 38.9, 47.9],
      [37.5, 54.7, 40.4, 20.2, 41.2, 49.4],
    ],
  },
  {
    id: "r34",
    network: "R34",
    runs: ["gfl_r34_fpn_1x_coco", "ld_r34_gflv1_r101_fpn_coco_1x"],
    depth: 34,
    narrow: (width) => ({ depth: 34, baseWidth: width / 2 }),
    paper: [
      [38.9, 56.6, 42.2, 21.5, 42.8, 51.4],
      [41.0, 58.6, 44.6, 23.2, 45.0, 54.2],
    ],
  },
  {
    id: "r50",
    network: "R50",
    runs: ["gfl_r50_fpn_1x_coco", "ours_r50_gflv1_r101_fpn_coco_1x"],
    depth: 50,
    narrow: (width) => ({ depth: 18, baseWidth: width }),
    paper: [
      [40.1, 58.2, 43.1, 23.3, 44.4, 52.5],
      [42.1, 60.3, 45.6, 24.5, 46.2, 54.8],
    ],
  },
];

const oursOf = (id: string) => `${id}_ours`;

/** A student's two rows, given what they change. */
function rowsOf(
  { id, paper }: Student,
  network: string,
  [alone, ours]: readonly [Partial<RunConfig>, Partial<RunConfig>],
): TableRow[] {
  return [
    { id, label: network, change: alone, over: null, paper: paper[0] },
    {
      id: oursOf(id),
      label: `${network}, ours`,
      change: ours,
      over: id,
      paper: paper[1],
    },
  ];
}

function planOf(setting: TableSetting): TablePlan {
  if (setting.scale === "paper") {
    const { config: baseline } = publishedConfig(STUDENTS[0].runs[0]);
    return {
      teachers: [],
      baseline,
      rows: STUDENTS.flatMap((student) => {
        const [alone, ours] = student.runs
          .map((name) => publishedChange(baseline, name));
        return rowsOf(student, student.network, [alone, ours]);
      }),
      description: "COCO 2017; teacher GFL R101, students of batch 6, R50 " +
        "with LD of batch 4",
    };
  }
  const { student: usual, teacher } = setting;
  const { terms } = PRESETS.cvpr2022;
  return {
    teachers: teacherRows(setting),
    baseline: usual,
    rows: STUDENTS.flatMap((student) => {
      const width = usual.model.backbone!.baseWidth!;
      const backbone = width === FULL_WIDTH
        ? { depth: student.depth, baseWidth: width }
        : student.narrow(width);
      const { depth, baseWidth } = backbone;
      const change = { model: { ...usual.model, backbone } };
      const network = `${student.network} (R${depth} of width ${baseWidth})`;
      return rowsOf(student, network, [change, { ...change, terms, teacher }]);
    }),
  };
}

const CLAIMS: readonly Claim[] = STUDENTS.flatMap((
  { id, network },
): Claim[] => [
  {
    kind: "higher",
    text: `Ours helps ${network}`,
    of: oursOf(id),
    over: id,
  },
  {
    kind: "higher",
    text: `Ours helps ${network} where boxes must be exact (AP75)`,
    metric: "ap75",
    of: oursOf(id),
    over: id,
  },
]);

/** Table 4 as published. */
export const TABLE_4: TableExperiment = {
  id: "4",
  title: "Table 4: lighter students",
  question: "Does LD help students of every size?",
  found: "It does: +1.7 AP for R18, +2.1 for R34, +2.0 for R50.",
  metrics: SIX_METRICS,
  paper: "COCO val2017, teacher R101 (44.7 AP), one run each",
  gainOver: "the same student alone",
  at: planOf,
  conclude: (outcome) => concludeClaims(CLAIMS, outcome),
  figures: studentGains,
};
