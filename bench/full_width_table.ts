/**
 * Table 1a at full width, for a machine with a card: prints it, and leaves the
 * table and its runs in results/full_width/1a. Run alone:
 *
 *     deno run -A bench/full_width_table.ts [SEEDS]
 */
import { fullWidth } from "../experiments/tables/full_width.ts";
import {
  provenanceOf,
  provenanceText,
} from "../experiments/tables/provenance.ts";
import { runTable } from "../experiments/tables/run_table.ts";
import { runsJson } from "../experiments/tables/runs_json.ts";
import { findTable } from "../experiments/tables/tables.ts";
import { tableToMarkdown, tableToText } from "../lib/report/mod.ts";

const FOLDER = "results/full_width/1a";

const result = await runTable(findTable("1a"), {
  scale: fullWidth(),
  seeds: Number(Deno.args[0] ?? 3),
});
const provenance = await provenanceOf(result);
const tables = result.tables().map(tableToMarkdown);
await Deno.mkdir(FOLDER, { recursive: true });
await Deno.writeTextFile(
  `${FOLDER}/table.md`,
  [...tables, provenanceText(provenance)].join("\n\n") + "\n",
);
await Deno.writeTextFile(`${FOLDER}/runs.json`, runsJson(result, provenance));
for (const notice of result.notices) console.error(notice);
console.log(tableToText(result.table()));
console.log(`Written to ${FOLDER}`);
Deno.exit(0);
