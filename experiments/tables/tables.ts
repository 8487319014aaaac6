import { nearestName } from "../../lib/data/nearest_name.ts";
import { FIGURE_4 } from "./figure_4.ts";
import { FIGURE_5 } from "./figure_5.ts";
import { PAPER_AGAINST_CODE } from "./paper_against_code.ts";
import { SCORE_VOTING } from "./score_voting.ts";
import { SELF_DISTILLATION } from "./self_distillation_table.ts";
import { TABLE_1A } from "./table_1a.ts";
import { TABLE_1B } from "./table_1b.ts";
import { TABLE_1C } from "./table_1c.ts";
import { TABLE_2 } from "./table_2.ts";
import { TABLE_3 } from "./table_3.ts";
import { TABLE_4 } from "./table_4.ts";
import { TABLE_5 } from "./table_5.ts";
import type { TableExperiment } from "./table_experiment.ts";
import { TEACHER_ASSISTANT } from "./teacher_assistant.ts";
import { VOC } from "./voc.ts";

/** The paper's ablations, in its order. */
export const TABLES: readonly TableExperiment[] = [
  TABLE_1A,
  TABLE_1B,
  TABLE_1C,
  TABLE_2,
  TABLE_3,
  TABLE_4,
  TABLE_5,
  PAPER_AGAINST_CODE,
  SELF_DISTILLATION,
  TEACHER_ASSISTANT,
  SCORE_VOTING,
  VOC,
];

/** The paper's figures that are measured, at `small` and `smoke`. */
export const FIGURES: readonly TableExperiment[] = [FIGURE_4, FIGURE_5];

/**
 * A table or a figure by its id, or the name of its notebook and folder.
 *
 * @throws {RangeError} If there is no such table, with the nearest id.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { findTable } from "./tables.ts";
 * assert.equal(findTable("1c").id, "1c");
 * assert.equal(findTable("table_1c").id, "1c");
 * assert.throws(() => findTable("self_destillation"), /did you mean 'self_dist/);
 * ```
 */
export function findTable(id: string): TableExperiment {
  const all = [...TABLES, ...FIGURES];
  const known = all.find((table) => [table.id, folderOf(table)].includes(id));
  if (known) return known;
  const ids = all.map((table) => table.id);
  const near = nearestName(id, ids);
  throw new RangeError(
    `Cannot find the table '${id}': ` +
      (near === undefined
        ? `there are ${ids.join(", ")}`
        : `did you mean '${near}'?`),
  );
}

/**
 * The folder of a table's files, under the results.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { folderOf } from "./tables.ts";
 * assert.equal(folderOf({ id: "1a" }), "table_1a");
 * assert.equal(folderOf({ id: "voc" }), "voc");
 * ```
 */
export function folderOf({ id }: Pick<TableExperiment, "id">): string {
  return /^\d/.test(id) ? `table_${id}` : id;
}
