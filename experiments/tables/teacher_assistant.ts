/**
 * Teacher assistants: a network between a large teacher and a small student
 * learns first, and then teaches. R101 → R34 → R18 in the version of 2021, which
 * gives no numbers but the links'.
 *
 * The assistant is, at `small` and `smoke`, ResNet-34 of the student's width.
 *
 * smoke: 5 runs of seconds. small: the teacher, 3 minutes, and 5 students of half
 * a minute to a minute a seed, 2 of them Table 1a's: 12 minutes with 3 seeds.
 * paper: 5 published runs. `./ldlab table teacher_assistant`
 */
import { PRESETS } from "../../lib/distill/mod.ts";
import type { RunConfig } from "../config.ts";
import { publishedConfig } from "../published/mod.ts";
import { teacherAssistants } from "../teacher_assistants.ts";
import { type Claim, concludeClaims } from "./claims.ts";
import { instead, publishedChange } from "./published_row.ts";
import {
  SIX_METRICS,
  type TableExperiment,
  type TablePlan,
  type TableRow,
} from "./table_experiment.ts";
import { type TableSetting, teacherRows } from "./table_setting.ts";

/** The five runs: students alone, one link, and two. */
function rowsOf(
  [assistant, assisting, student, direct, chained]: readonly Partial<
    RunConfig
  >[],
): TableRow[] {
  return [
    {
      id: "student",
      label: "student",
      change: student,
      over: null,
      paper: [35.8, 53.1, 38.2],
    },
    {
      id: "direct",
      label: "teacher → student",
      change: direct,
      over: "student",
      paper: [36.5, 52.9, 39.3],
    },
    {
      id: "assistant",
      label: "assistant",
      change: assistant,
      over: null,
      paper: [38.9, 56.6, 42.2],
    },
    {
      id: "assisting",
      label: "teacher → assistant",
      change: assisting,
      over: "assistant",
      paper: [39.8, 56.6, 43.1],
    },
    {
      id: "chained",
      label: "teacher → assistant → student",
      change: chained,
      over: "direct",
    },
  ];
}

function planOf(setting: TableSetting): TablePlan {
  if (setting.scale === "paper") {
    const names = [
      "gfl_r34_fpn_1x_coco",
      "ta_r101_34",
      "gfl_r18_fpn_1x_coco",
      "ld_gflv1_r101_r18_fpn_coco_1x",
      "ta_34_18",
    ];
    const { config: baseline } = publishedConfig(names[2]);
    return {
      teachers: [],
      baseline,
      rows: rowsOf(names.map((name) => publishedChange(baseline, name))),
      description: "COCO 2017; teacher R101, assistant R34, student R18",
    };
  }
  const { student, teacher } = setting;
  const { config: first } = teacher as Extract<
    typeof teacher,
    { config: RunConfig }
  >;
  const { baseWidth } = student.model.backbone!;
  const backbone = { depth: 34, baseWidth } as const;
  const assistant = { ...student, model: { ...student.model, backbone } };
  const own = { label: "teacher", config: first };
  const last = { label: "student", config: student };
  const [, assisting, chained] = teacherAssistants(
    [own, { label: "assistant", config: assistant }, last],
    PRESETS.ld2021,
  );
  const [, direct] = teacherAssistants([own, last], PRESETS.ld2021);
  return {
    teachers: teacherRows(setting),
    baseline: student,
    rows: rowsOf(
      [assistant, assisting.config, student, direct.config, chained.config]
        .map((config) => instead(student, config)),
    ),
  };
}

const CLAIMS: readonly Claim[] = [
  {
    kind: "higher",
    text: "A student gains from an assistant between it and its teacher",
    of: "chained",
    over: "direct",
  },
  {
    kind: "higher",
    text: "LD from the teacher helps the student",
    of: "direct",
    over: "student",
  },
  {
    kind: "higher",
    text: "LD from the teacher helps the assistant",
    of: "assisting",
    over: "assistant",
  },
];

/** Teacher assistants. */
export const TEACHER_ASSISTANT: TableExperiment = {
  id: "teacher_assistant",
  title: "Teacher assistants: learning over a network between",
  question: "Does a student learn more from a teacher nearer to its size?",
  found: "The version of 2021 says that assistants narrow the gap; it gives " +
    "no number of a chain.",
  metrics: SIX_METRICS.slice(0, 3),
  paper: "COCO val2017, one run each, the LD repository's README of 2021",
  gainOver: "one link less",
  at: planOf,
  conclude: (outcome) => concludeClaims(CLAIMS, outcome),
};
