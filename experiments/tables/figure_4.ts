/**
 * Figure 4: how far students are from their teacher, in class scores and in box
 * distributions, by level of the pyramid.
 *
 * The paper states neither the locations nor τ nor how bins are added: all
 * locations of the test images, τ = 1 and sums over bins and classes are our
 * choice.
 *
 * smoke: Tables 1a's, 2's and 3's runs, then seconds. small: the teacher, 3
 * minutes, 6 students of half a minute a seed, all of them of those tables, and
 * some seconds for each: 13 minutes with 3 seeds where none is stored, else one.
 * `./ldlab table figure_4`
 */
import { levelErrors } from "../../lib/report/mod.ts";
import { type Claim, concludeClaims } from "./claims.ts";
import type { TableExperiment, TableMetric } from "./table_experiment.ts";
import type { TableResult } from "./table_result.ts";
import { teacherDistance } from "./teacher_distance.ts";
import { ERROR_LEVELS } from "./teacher_errors.ts";

const levels = ERROR_LEVELS.map(({ name }) => name);

const METRICS: readonly TableMetric[] = [
  { name: "ap", heading: "AP" },
  ...levels.map((name) => ({ name: `scores ${name}`, heading: `cls ${name}` })),
  ...levels.map((name) => ({ name: `boxes ${name}`, heading: `box ${name}` })),
];

const lower = (
  text: string,
  metric: "scores" | "boxes",
  of: string,
  over: string,
): Claim => ({ kind: "lower", text, metric, of, over });

const CLAIMS: readonly Claim[] = [
  lower(
    "GI imitation brings box distributions nearer",
    "boxes",
    "gi",
    "baseline",
  ),
  lower("GI imitation brings class scores nearer", "scores", "gi", "baseline"),
  lower("Main LD brings boxes nearer than GI does", "boxes", "main_ld", "gi"),
  lower(
    "Main LD + VLR LD brings boxes nearer than GI does",
    "boxes",
    "ld",
    "gi",
  ),
  {
    kind: "higher",
    text: "… but leaves class scores further off than GI does",
    metric: "scores",
    of: "ld",
    over: "gi",
  },
  lower("Main KD besides brings class scores nearer", "scores", "ours", "ld"),
];

function draw({ rows, result, setting }: TableResult) {
  return levelErrors(
    rows.map(({ label }, at) => {
      const of = (what: string) =>
        levels.map((level) =>
          result.rows[at].runs
            .map(({ metrics }) => 100 * metrics![`${what} ${level}`])
        );
      return { name: label, scores: of("scores"), boxes: of("boxes") };
    }),
    { levels, tested: setting.tested },
  );
}

/** Figure 4 of the paper. */
export const FIGURE_4: TableExperiment = {
  id: "figure_4",
  title: "Figure 4: mean error between teacher and student by level",
  question: "What does a student take over from its teacher?",
  found: "LD alone brings box distributions nearest; with KD class scores " +
    "too. Imitation brings both nearer, boxes less.",
  metrics: METRICS,
  paper: "bars without numbers",
  gainOver: "no distillation",
  notes: [
    "Errors are in hundredths: cls the differences of class scores, added over " +
    "classes, box those of the bins' probabilities at τ = 1, added over an " +
    "edge; means over all locations of a level. Smaller is better.",
  ],
  at: teacherDistance("Figure 4", [
    "baseline",
    "fine_grained",
    "gi",
    "main_ld",
    "ld",
    "ours",
  ]),
  conclude: (outcome) => concludeClaims(CLAIMS, outcome),
  figures: (table) => ({
    ...(table.finished().rows.length > 0 && {
      teacher_errors: (table: TableResult) => draw(table.finished()),
    }),
  }),
};
