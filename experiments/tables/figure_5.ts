/**
 * Figure 5: where a student's box logits differ from its teacher's, at P5 and P6,
 * without distillation, with GI imitation, and with LD on both regions.
 *
 * smoke: Tables 1a's, 2's and 3's runs, then seconds. small: the teacher, 3
 * minutes, 3 students of half a minute a seed, all of them of those tables, and
 * some seconds for each: 8 minutes with 3 seeds where none is stored, else one.
 * `./ldlab table figure_5`
 */
import { boxLogitErrorMap } from "../../lib/eval/mod.ts";
import { errorMap } from "../../lib/report/mod.ts";
import { openTestPictures } from "../building_blocks/test_picture.ts";
import type { RunConfig, TeacherRun } from "../config.ts";
import type { RunStore } from "../store.ts";
import { testOutputs } from "../test_outputs.ts";
import { type Claim, concludeClaims } from "./claims.ts";
import type { TableExperiment } from "./table_experiment.ts";
import type { TableResult } from "./table_result.ts";
import { teacherDistance } from "./teacher_distance.ts";

/** The levels of the paper's maps. */
const LEVELS = ["P5", "P6"] as const;

const CLAIMS: readonly Claim[] = LEVELS.flatMap((level): Claim[] => [
  {
    kind: "lower",
    text: `GI imitation lessens the error of box logits at ${level}`,
    metric: `logits ${level}`,
    of: "gi",
    over: "baseline",
  },
  {
    kind: "lower",
    text: `LD on both regions lessens it more at ${level}`,
    metric: `logits ${level}`,
    of: "ld",
    over: "gi",
  },
]);

/** How many test images the figure's slider has. */
const PICTURES = 3;

/** Maps over some test images, of the first seed. */
async function draw(
  { rows, result, setting }: TableResult,
  store: RunStore,
) {
  const pictures = await openTestPictures(setting.student, PICTURES);
  const logitsOf = async (run: { config: RunConfig; seed: number }) => {
    const outputs = await testOutputs(run, {
      store,
      choose: (images) => pictures.map(({ index }) => images[index]),
    });
    return outputs.map(({ boxLogits }) => boxLogits);
  };
  const teacher = await logitsOf(setting.teacher as TeacherRun);
  const students: Awaited<ReturnType<typeof logitsOf>>[] = [];
  for (const { config } of result.rows) {
    students.push(await logitsOf({ config, seed: 0 }));
  }
  return errorMap(
    pictures.map(({ anchors, pyramid }, image) => ({
      picture: pyramid,
      maps: rows.map(({ label }, at) => ({
        name: label,
        errors: boxLogitErrorMap(students[at][image], teacher[image], {
          anchors,
        }).flatMap(({ errors }) => [...errors]),
      })),
    })),
    {
      title: "L1 error of box logits between teacher and student",
      open: LEVELS[0],
    },
  );
}

/** Figure 5 of the paper. */
export const FIGURE_5: TableExperiment = {
  id: "figure_5",
  title: "Figure 5: where box logits differ from the teacher's",
  question: "Where does LD bring a student nearer to its teacher?",
  found: "Almost everywhere, and more than GI imitation does.",
  metrics: [
    { name: "ap", heading: "AP" },
    ...LEVELS.map((level) => ({
      name: `logits ${level}`,
      heading: `logits ${level}`,
      factor: 1,
    })),
  ],
  paper: "maps without numbers",
  gainOver: "no distillation",
  notes: [
    "Logits: the differences of box logits, added over edges and bins, means " +
    "over all locations of a level and over the test images. Smaller is better. " +
    "The maps are of seed 0.",
  ],
  at: teacherDistance("Figure 5", ["baseline", "gi", "ld"]),
  conclude: (outcome) => concludeClaims(CLAIMS, outcome),
  figures: (table) => ({
    ...(table.finished().rows.length > 0 && {
      logit_errors: (table: TableResult, store: RunStore) =>
        draw(table.finished(), store),
    }),
  }),
};
