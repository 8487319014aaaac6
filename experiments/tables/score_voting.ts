/**
 * Score-voting Cluster-DIoU-NMS: the same detections, suppressed otherwise. Nothing
 * is trained for it: the student alone and "Ours" of Table 2 are measured again.
 *
 * smoke: Table 2's runs, then seconds. small: Table 2's runs, then 10 evaluations
 * of some seconds a seed: 2 minutes with 3 seeds. paper: two runs of COCO, then 10
 * evaluations. `./ldlab table score_voting`
 */
import type { Suppression } from "../../lib/boxes/mod.ts";
import { PRESETS } from "../../lib/distill/mod.ts";
import { type Claim, concludeClaims } from "./claims.ts";
import { onePair } from "./one_pair.ts";
import {
  SIX_METRICS,
  type TableExperiment,
  type TableRow,
} from "./table_experiment.ts";

/** NMS first: what the others' gains are over. */
const WAYS: readonly {
  readonly id: string;
  readonly label: string;
  readonly suppression: Suppression;
}[] = [
  { id: "nms", label: "NMS", suppression: { kind: "nms" } },
  { id: "soft", label: "Soft-NMS", suppression: { kind: "softNms" } },
  {
    id: "cluster",
    label: "Cluster-NMS",
    suppression: { kind: "clusterNms" },
  },
  {
    id: "diou",
    label: "Cluster-DIoU-NMS",
    // The exponent of score voting.
    suppression: { kind: "clusterNms", measure: "diou", beta: 0.8 },
  },
  {
    id: "voting",
    label: "score-voting Cluster-DIoU-NMS",
    suppression: { kind: "votingClusterDiouNms" },
  },
];

const STUDENTS = [
  { id: "alone", label: "without LD", change: {} },
  { id: "ours", label: "ours", change: { terms: PRESETS.cvpr2022.terms } },
] as const;

const ROWS: readonly TableRow[] = STUDENTS.flatMap((student) =>
  WAYS.map(({ id, label, suppression }, at): TableRow => ({
    id: `${student.id}_${id}`,
    label: `${student.label}, ${label}`,
    change: student.change,
    over: at === 0 ? null : `${student.id}_${WAYS[0].id}`,
    measuring: { decode: { suppression } },
  }))
);

const CLAIMS: readonly Claim[] = STUDENTS.flatMap(({ id, label }): Claim[] => [
  {
    kind: "higher",
    text: `Score voting raises AP of the student ${label} (README: +0.1 to ` +
      "+0.3)",
    of: `${id}_voting`,
    over: `${id}_nms`,
  },
  {
    kind: "higher",
    text: "… and AP75 (README: +0.2 to +0.5)",
    metric: "ap75",
    of: `${id}_voting`,
    over: `${id}_nms`,
  },
  {
    kind: "lower",
    text: "… at a cost in AP50 (README: at most 0.4)",
    metric: "ap50",
    of: `${id}_voting`,
    over: `${id}_nms`,
  },
]);

/** Score voting against other ways to suppress boxes. */
export const SCORE_VOTING: TableExperiment = {
  id: "score_voting",
  title: "Score voting: the same detections, suppressed otherwise",
  question: "What does score-voting Cluster-DIoU-NMS gain?",
  found: "Its repository's README: +0.1 to +0.3 AP, +0.2 to +0.5 AP75, up to " +
    "0.4 AP50 less.",
  metrics: SIX_METRICS,
  paper: "no table",
  gainOver: "NMS",
  notes: [
    "Rows of a student are the same run. Soft-NMS is linear unless told.",
  ],
  at: onePair(ROWS),
  conclude: (outcome) => concludeClaims(CLAIMS, outcome),
};
