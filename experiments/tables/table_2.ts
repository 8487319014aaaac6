/**
 * Table 2: which knowledge is distilled in which region. Four switches:
 * classification (KD) and localization (LD) distillation, each on the main region
 * and on the valuable localization region (VLR).
 *
 * The released code multiplies KD on the VLR by 0; it is on in the last row and
 * in the fifth, with main KD's weight.
 *
 * smoke: 8 runs of seconds. small: the teacher, 3 minutes, and 8 students of half
 * a minute a seed, 3 of them Tables 1a's and 1c's: 15 minutes with 3 seeds.
 * paper: 8 runs of COCO, 12 epochs. `./ldlab table 2`
 */
import { type DistillTerms, PRESETS } from "../../lib/distill/mod.ts";
import { type Claim, concludeClaims } from "./claims.ts";
import { onePair } from "./one_pair.ts";
import { ABLATION, BASELINE } from "./table_1a.ts";
import {
  SIX_METRICS,
  type TableExperiment,
  type TableRow,
} from "./table_experiment.ts";

const { ld, vlrLd, kd } = PRESETS.cvpr2022.terms;

/** What each switch turns on. */
export const SWITCHES = {
  mainKd: { label: "Main KD", terms: { kd } },
  mainLd: { label: "Main LD", terms: { ld } },
  vlrKd: { label: "VLR KD", terms: { vlrKd: { ...kd, region: vlrLd.region } } },
  vlrLd: { label: "VLR LD", terms: { vlrLd } },
} as const satisfies Record<string, { label: string; terms: DistillTerms }>;

type Switch = keyof typeof SWITCHES;

/** A row with these switches on. */
function switched(
  id: string,
  on: readonly Switch[],
  paper: number[],
): TableRow {
  const parts = on.map((name) => SWITCHES[name]);
  return {
    id,
    label: parts.map(({ label }) => label).join(" + "),
    change: {
      terms: Object.assign({}, ...parts.map(({ terms }) => terms)),
    },
    paper,
  };
}

const ROWS: readonly TableRow[] = [
  { ...BASELINE, label: "no distillation", paper: [40.1, 58.2, 43.1] },
  switched("main_kd", ["mainKd"], [40.2, 58.6, 43.4]),
  switched("main_ld", ["mainLd"], [41.1, 58.7, 44.9]),
  switched("main_kd_ld", ["mainKd", "mainLd"], [41.4, 59.2, 45.0]),
  switched("kd", ["mainKd", "vlrKd"], [40.4, 58.9, 43.4]),
  switched("ld", ["mainLd", "vlrLd"], [41.8, 59.5, 45.4]),
  switched("ours", ["mainKd", "mainLd", "vlrLd"], [42.1, 60.3, 45.6]),
  switched(
    "all",
    ["mainKd", "mainLd", "vlrKd", "vlrLd"],
    [42.0, 60.0, 45.4],
  ),
];

const CLAIMS: readonly Claim[] = [
  {
    kind: "higher",
    text: "On the main region LD teaches more than KD",
    of: "main_ld",
    over: "main_kd",
  },
  {
    kind: "higher",
    text: "LD helps where boxes must be exact (AP75)",
    metric: "ap75",
    of: "main_ld",
    over: BASELINE.id,
  },
  {
    kind: "higher",
    text: "LD on the VLR adds to LD on the main region",
    of: "ld",
    over: "main_ld",
  },
  {
    kind: "higher",
    text: "KD on the main region adds to LD on both",
    of: "ours",
    over: "ld",
  },
  {
    kind: "equal",
    text: "KD on the VLR adds nothing",
    of: "all",
    over: "ours",
  },
  {
    kind: "best",
    text: "Main KD + Main LD + VLR LD is the best",
    of: "ours",
    among: ROWS.map(({ id }) => id),
  },
];

/** Table 2 as published. */
export const TABLE_2: TableExperiment = {
  id: "2",
  title: "Table 2: which knowledge in which region",
  question: "Where does which knowledge help?",
  found: "LD helps on both regions, KD on the main one only: the best is " +
    "Main KD + Main LD + VLR LD, +2.0 AP.",
  metrics: SIX_METRICS.slice(0, 3),
  paper: ABLATION,
  gainOver: "no distillation",
  at: onePair(ROWS),
  conclude: (outcome) => concludeClaims(CLAIMS, outcome),
};
