import { IMITATION, PRESETS } from "../../lib/distill/mod.ts";
import { BASELINE } from "./table_1a.ts";
import { onePair } from "./one_pair.ts";
import type { TablePlan, TableRow } from "./table_experiment.ts";
import type { TableSetting } from "./table_setting.ts";

const { terms: ours } = PRESETS.cvpr2022;
const { ld, vlrLd } = ours;

/** The students of Figures 4 and 5, which are Tables 1a's, 2's and 3's. */
const STUDENTS = {
  baseline: { ...BASELINE, label: "without distillation", paper: undefined },
  fine_grained: {
    id: "fine_grained",
    label: "Fine-Grained",
    change: { terms: IMITATION.fineGrained },
  },
  gi: {
    id: "gi",
    label: "GI Imitation",
    change: { terms: IMITATION.gi },
  },
  main_ld: { id: "main_ld", label: "Main LD", change: { terms: { ld } } },
  ld: {
    id: "ld",
    label: "Main LD + VLR LD",
    change: { terms: { ld, vlrLd } },
  },
  ours: {
    id: "ours",
    label: "Main KD + Main LD + VLR LD",
    change: { terms: ours },
  },
} as const satisfies Record<string, TableRow>;

/**
 * The plan of a figure that compares students with their teacher.
 *
 * @param figure For an error: `Figure 4`.
 * @param ids The students, the baseline first.
 * @returns The plan; it throws a RangeError at the scale `paper`, whose images
 * have many sizes and whose teacher is no run.
 */
export function teacherDistance(
  figure: string,
  ids: readonly (keyof typeof STUDENTS)[],
): (setting: TableSetting) => TablePlan {
  return (setting) => {
    const { teacher } = setting;
    if (!("config" in teacher)) {
      throw new RangeError(
        `Cannot draw ${figure}: scale must be small or smoke, whose images ` +
          `have one size: current value is '${setting.scale}'`,
      );
    }
    const measuring = { errorsTo: teacher };
    const rows = ids.map((id): TableRow => ({ ...STUDENTS[id], measuring }));
    return onePair(rows)(setting);
  };
}
