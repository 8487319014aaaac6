/**
 * Pascal VOC 07+12: R101 → R18, by VOC's protocol of 2007 at each IoU threshold,
 * and by class. The numbers are of the repository's READMEs.
 *
 * At `small` and `smoke` the usual students are measured by this protocol; most
 * are Tables 1a's and 3's runs.
 *
 * smoke: 4 runs of seconds. small: the teacher, 3 minutes, 4 students of half a
 * minute a seed, 2 of them Table 1a's, and an evaluation of each: 8 minutes with 3
 * seeds. paper: 4 runs of VOC, 12 passes, and their teacher's 48. `./ldlab table
 * voc`
 */
import { IMITATION, PRESETS } from "../../lib/distill/mod.ts";
import {
  apOverIou,
  type Figure,
  makeTable,
  spread,
  type Table,
} from "../../lib/report/mod.ts";
import type { RunConfig } from "../config.ts";
import { publishedConfig } from "../published/mod.ts";
import { overOf } from "./chosen_rows.ts";
import { type Claim, concludeClaims } from "./claims.ts";
import { onePair } from "./one_pair.ts";
import { instead } from "./published_row.ts";
import { SWITCHES } from "./table_2.ts";
import type {
  TableExperiment,
  TableMetric,
  TablePlan,
  TableRow,
} from "./table_experiment.ts";
import type { TableResult } from "./table_result.ts";
import type { TableSetting } from "./table_setting.ts";

/** The mean, and AP at each threshold. */
const METRICS: readonly TableMetric[] = [
  { name: "ap", heading: "AP" },
  ...[50, 55, 60, 65, 70, 75, 80, 85, 90, 95].map((percent) => ({
    name: `ap${percent}`,
    heading: `AP${percent}`,
  })),
];

/** AP at IoU 0.95 of R18 with main LD, by class. */
// deno-fmt-ignore
const PAPER_AP95: ReadonlyMap<string, number> = new Map([
  ["aeroplane", 3.0], ["bicycle", 10.8], ["bird", 1.8], ["boat", 3.4],
  ["bottle", 4.5], ["bus", 24.7], ["car", 13.1], ["cat", 12.8],
  ["chair", 2.7], ["cow", 10.9], ["diningtable", 11.7], ["dog", 7.6],
  ["horse", 3.6], ["motorbike", 1.7], ["person", 3.7], ["pottedplant", 0.9],
  ["sheep", 6.0], ["sofa", 6.0], ["train", 4.2], ["tvmonitor", 4.5],
]);

const { mainLd, vlrLd, vlrKd } = SWITCHES;
const withVlr = { ...mainLd.terms, ...vlrLd.terms, ...vlrKd.terms };

const thresholds = (ap: number, ap50: number, ap75: number) =>
  METRICS.map(({ name }) =>
    ({ ap, ap50, ap75 } as Record<string, number>)[name] ?? null
  );

const ROWS: readonly TableRow[] = [
  {
    id: "baseline",
    label: "without LD",
    change: {},
    paper: thresholds(51.8, 75.8, 56.3),
  },
  {
    id: "main_ld",
    label: "Main LD",
    change: { terms: PRESETS.ld2021.terms },
    // deno-fmt-ignore
    paper: [
      53.0091, 75.9393, 74.4544, 72.4239, 69.3551, 63.9848, 57.6284, 48.9098,
      37.8586, 22.6534, 6.8834,
    ],
  },
  {
    id: "vlr",
    label: "Main LD + VLR LD + VLR KD",
    change: { terms: withVlr },
    paper: [54.0],
  },
  {
    id: "vlr_gi",
    label: "Main LD + VLR LD + VLR KD + GI",
    change: { terms: { ...withVlr, ...IMITATION.gi } },
    paper: [54.4],
  },
];

function planOf(setting: TableSetting): TablePlan {
  if (setting.scale === "paper") {
    const { config: baseline } = publishedConfig("gfl_r18_fpn1x_voc");
    const { config: main } = publishedConfig("ld_gflv1_r101_r18_fpn_voc");
    const { config: ours } = publishedConfig("ld_r18_gflv1_r101_fpn_voc_1x");
    const configs: readonly RunConfig[] = [
      baseline,
      main,
      ...ROWS.slice(2).map(({ change }) => ({
        ...ours,
        terms: change.terms!,
      })),
    ];
    return {
      teachers: [],
      baseline,
      rows: ROWS.map((row, at) => ({
        ...row,
        change: instead(baseline, configs[at]),
      })),
      description: "Pascal VOC 07+12; teacher GFL R101, student GFL R18",
    };
  }
  const measuring = { evaluation: "voc07" } as const;
  const plan = onePair(ROWS.map((row) => ({ ...row, measuring })))(setting);
  return { ...plan, teachers: [] }; // which are measured as COCO
}

const CLAIMS: readonly Claim[] = [
  { kind: "higher", text: "LD helps", of: "main_ld", over: "baseline" },
  {
    kind: "higher",
    text: "LD helps at IoU 0.9",
    metric: "ap90",
    of: "main_ld",
    over: "baseline",
  },
  {
    kind: "higher",
    text: "On VOC the VLR adds to the main region, with KD there too",
    of: "vlr",
    over: "main_ld",
  },
  {
    kind: "higher",
    text: "GI imitation adds to that",
    of: "vlr_gi",
    over: "vlr",
  },
];

/** What the metrics of classes at IoU 0.95 are called, before their names. */
const AP95 = "ap95 ";

/** The classes that some run was measured by. */
function classesOf({ result }: TableResult): string[] {
  const names = result.rows.flatMap(({ runs }) =>
    runs.flatMap(({ metrics }) => Object.keys(metrics ?? {}))
  );
  return [...new Set(names)].filter((name) => name.startsWith(AP95))
    .map((name) => name.slice(AP95.length));
}

/** AP of each class at IoU 0.95, which is what the README prints. */
function classTable(table: TableResult): Table {
  const { rows, result } = table;
  const classes = classesOf(table);
  const published = classes.some((name) => PAPER_AP95.has(name));
  return makeTable({
    title: "AP at IoU 0.95 by class",
    columns: [
      { heading: "class", kind: "text" },
      ...rows.map(({ label }) =>
        ({ heading: label, kind: "number", group: "here" }) as const
      ),
      ...(published
        ? [{ heading: "Main LD", kind: "number", group: "README" } as const]
        : []),
    ],
    rows: classes.map((name) => [
      name,
      ...result.rows.map(({ runs }) => {
        const values = runs.map(({ metrics }) => metrics?.[AP95 + name]);
        return values.some((value) => value === undefined)
          ? null
          : spread(values.map((value) => 100 * value!));
      }),
      ...(published ? [PAPER_AP95.get(name) ?? null] : []),
    ]),
  });
}

/** AP and gains by IoU threshold, of all classes and of each. */
function drawThresholds(table: TableResult): Figure {
  const { rows, result, experiment, setting } = table;
  const classes = classesOf(table);
  const at = METRICS.slice(1);
  // A metric of a class has its name behind it.
  const suffixes = ["", ...classes.map((name) => ` ${name}`)];
  return apOverIou(
    rows.map((row, index) => {
      const over = overOf(row, rows);
      return {
        name: row.label,
        over: over === null ? null : rows.findIndex(({ id }) => id === over),
        paper: over === null
          ? undefined
          : at.map(({ name }) => table.paperGain(row.id, over, name)),
        classes: suffixes.map((suffix) => {
          const metrics = at.map(({ name }) => name + suffix);
          const { runs } = result.rows[index];
          const isWhole = runs.every((run) =>
            metrics.every((name) => run.metrics?.[name] !== undefined)
          );
          const gains = over === null
            ? []
            : metrics.map((name) => table.gain(row.id, over, name));
          return {
            ap: isWhole
              ? metrics.map((name) =>
                runs.map((run) => 100 * run.metrics![name])
              )
              : [],
            gains: gains.some(({ mean }) => Number.isNaN(mean)) ? [] : gains,
          };
        }),
      };
    }),
    {
      thresholds: at.map(({ name }) => Number(name.slice(2)) / 100),
      classes: ["all classes", ...classes],
      over: experiment.gainOver,
      tested: setting.tested,
    },
  );
}

/** The tables of Pascal VOC. */
export const VOC: TableExperiment = {
  id: "voc",
  title: "Pascal VOC: AP by IoU threshold",
  question: "At which overlaps does LD help?",
  found: "LD raises AP by 1.2, the more the stricter the threshold; VLR LD " +
    "with VLR KD adds 1.0, GI imitation 0.4.",
  metrics: METRICS,
  paper: "VOC 2007 test, teacher R101, student R18, one run each, the LD " +
    "repository's READMEs",
  gainOver: "no LD",
  notes: [
    "Measured by VOC's protocol of 2007: 11 points, difficult objects left " +
    "out.",
  ],
  at: planOf,
  conclude: (outcome) => concludeClaims(CLAIMS, outcome),
  further: (result) => [classTable(result)],
  figures: () => ({ ap_over_iou: drawThresholds }),
};
