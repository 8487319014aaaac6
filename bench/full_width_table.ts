/**
 * Table 1a at full width, for a machine with a card: prints it, and leaves the
 * table and its runs in results/full_width/1a. Time on a card is short: the table
 * is written after each seed, and what was cut off goes on. Run alone:
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

const wanted = Number(Deno.args[0] ?? 3);
if (!(Number.isInteger(wanted) && wanted > 0)) {
  throw new RangeError(
    `Cannot run Table 1a: seeds must be a whole number above 0: current value ` +
      `is '${Deno.args[0]}'`,
  );
}
for (let seeds = 1; seeds <= wanted; seeds++) {
  const result = await runTable(findTable("1a"), { scale: fullWidth(), seeds });
  const provenance = await provenanceOf(result);
  const tables = result.tables().map(tableToMarkdown);
  const text = [...tables, provenanceText(provenance)].join("\n\n") + "\n";
  await Deno.mkdir(FOLDER, { recursive: true });
  await Deno.writeTextFile(`${FOLDER}/table.md`, text);
  await Deno.writeTextFile(`${FOLDER}/runs.json`, runsJson(result, provenance));
  for (const notice of result.notices) console.error(notice);
  console.log(tableToText(result.table()));
  console.log(`Written to ${FOLDER}, ${seeds} of ${wanted} seeds`);
}
Deno.exit(0);
