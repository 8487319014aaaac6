/**
 * Table 1c: how much of an object's surroundings the valuable localization
 * region (VLR) takes, by γ. Rows have LD on the main region and on the VLR.
 *
 * smoke: 6 runs of seconds. small: the teacher, 3 minutes, and 6 students of
 * half a minute a seed, one of them Table 1a's and one Table 2's: 12 minutes with
 * 3 seeds. paper: 6 runs of COCO, 12 epochs. `./ldlab table 1c`
 */
import { PRESETS } from "../../lib/distill/mod.ts";
import { vlrFigure } from "../building_blocks/region_figures.ts";
import { openTestPicture } from "../building_blocks/test_picture.ts";
import { type Claim, concludeClaims } from "./claims.ts";
import { onePair } from "./one_pair.ts";
import { requireValues } from "./require_values.ts";
import { ABLATION, BASELINE } from "./table_1a.ts";
import {
  type DrawFigure,
  SIX_METRICS,
  type TableExperiment,
  type TableRow,
} from "./table_experiment.ts";

/** As published, by γ. */
const PAPER: ReadonlyMap<number, readonly number[]> = new Map([
  [1, [41.1, 58.7, 44.9, 23.8, 44.9, 53.6]],
  [0.75, [41.2, 58.8, 44.9, 23.6, 45.4, 53.5]],
  [0.5, [41.7, 59.4, 45.3, 24.2, 45.6, 54.2]],
  [0.25, [41.8, 59.5, 45.4, 24.2, 45.8, 54.9]],
  [0, [41.7, 59.5, 45.4, 24.5, 45.9, 54.0]],
]);

const { ld, vlrLd } = PRESETS.cvpr2022.terms;

const gammaRow = (gamma: number) => `gamma_${gamma}`;

/** What the paper found, of rows of a γ by their ids. */
const claimsOf = (rows: readonly string[]): readonly Claim[] => [
  {
    kind: "higher",
    text: "LD on the VLR (γ = 0.25) adds to LD on the main region (γ = 1, " +
      "where the VLR is empty)",
    of: gammaRow(0.25),
    over: gammaRow(1),
  },
  {
    kind: "best",
    text: "γ = 0.25 is the best",
    of: gammaRow(0.25),
    among: rows,
  },
  {
    kind: "higher",
    text: "LD on both regions helps",
    of: gammaRow(0.25),
    over: BASELINE.id,
  },
];

/**
 * Table 1c, with extents of one's own where they are given.
 *
 * @param options.gammas Each γ from 0, the widest region, to 1, an empty one; the
 * paper's unless given.
 * @throws {RangeError} If they are not from 0 to 1, or not different, or none.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { planTable } from "./plan_table.ts";
 * import { table1c } from "./table_1c.ts";
 * const { plan } = planTable(table1c({ gammas: [0.1] }), {});
 * assert.deepEqual(plan.rows.map(({ id }) => id), ["baseline", "gamma_0.1"]);
 * ```
 */
export function table1c(
  { gammas = [...PAPER.keys()] }: { readonly gammas?: readonly number[] } = {},
): TableExperiment {
  requireValues(gammas, {
    task: "run Table 1c",
    name: "gammas",
    isFit: (value) => value >= 0 && value <= 1,
    interval: "from 0 to 1",
  });
  const rows = gammas.map((gamma): TableRow => ({
    id: gammaRow(gamma),
    label: `Main LD + VLR LD, γ = ${gamma}`,
    change: {
      terms: { ld, vlrLd: { ...vlrLd, region: { kind: "vlr", gamma } } },
    },
    paper: PAPER.get(gamma),
  }));
  const claims = claimsOf(rows.map(({ id }) => id));
  return {
    id: "1c",
    title: "Table 1c: the extent γ of the valuable localization region",
    question: "How far around objects does LD help?",
    found:
      "The larger the region the better, up to γ = 0.25: +0.7 AP over LD " +
      "on the main region alone, which is γ = 1.",
    metrics: SIX_METRICS,
    paper: ABLATION,
    gainOver: "no LD",
    at: onePair([BASELINE, ...rows]),
    conclude: (outcome) => concludeClaims(claims, outcome),
    // Of images of one size, as they are where the teacher is a run.
    figures: ({ setting }): Readonly<Record<string, DrawFigure>> =>
      "config" in setting.teacher
        ? {
          regions: async () =>
            vlrFigure(await openTestPicture(setting.student, 0), gammas),
        }
        : {},
  };
}

/** Table 1c as published. */
export const TABLE_1C: TableExperiment = table1c();
