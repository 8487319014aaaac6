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
import { errorMap, type MappedErrors } from "../../lib/report/mod.ts";
import { openTestPicture } from "../building_blocks/test_picture.ts";
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

/** Maps over the test image with the fewest objects, of the first seed. */
async function draw(
  { rows, result, setting }: TableResult,
  store: RunStore,
) {
  const picture = await openTestPicture(setting.student, 0);
  const { anchors, pyramid, index } = picture;
  const logitsOf = async (run: { config: RunConfig; seed: number }) => {
    const [{ boxLogits }] = await testOutputs(run, {
      store,
      choose: (images) => [images[index]],
    });
    return boxLogits;
  };
  const teacher = await logitsOf(setting.teacher as TeacherRun);
  const levels = pyramid.levels
    .filter(({ name }) => (LEVELS as readonly string[]).includes(name));
  const maps: MappedErrors[] = [];
  for (const [at, { label }] of rows.entries()) {
    const { config } = result.rows[at];
    const student = await logitsOf({ config, seed: 0 });
    const errors = boxLogitErrorMap(student, teacher, { anchors })
      .filter(({ stride }) => levels.some((level) => level.stride === stride))
      .flatMap(({ errors }) => [...errors]);
    maps.push({ name: label, errors });
  }
  return errorMap({ ...pyramid, levels }, maps, {
    title: "L1 error of box logits between teacher and student",
  });
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
  figures: () => ({ logit_errors: draw }),
};
