import assert from "node:assert/strict";
import { describeTerms, type TermRow } from "ldlab/distill/describe_terms.ts";
import {
  DETECTOR_PRESETS,
  FGD,
  IMITATION,
  PRESETS,
  TBR,
} from "ldlab/distill/presets.ts";
import type { DistillSettings } from "ldlab/distill/terms.ts";
import { termsToText } from "ldlab/distill/terms_text.ts";
import { makeTable } from "ldlab/report/table.ts";
import { tableToText } from "ldlab/report/table_text.ts";

const { ld, kd } = PRESETS.cvpr2022.terms;

/** What is described in described_terms.txt, by its headings. */
const described: Record<string, DistillSettings> = {
  ...Object.fromEntries(
    Object.entries(PRESETS).map((
      [name, preset],
    ) => [`PRESETS.${name}`, preset]),
  ),
  ...Object.fromEntries(
    Object.entries(DETECTOR_PRESETS).map((
      [name, preset],
    ) => [`DETECTOR_PRESETS.${name}`, preset]),
  ),
  ...Object.fromEntries(
    Object.entries(IMITATION).map((
      [name, terms],
    ) => [`IMITATION.${name}`, { terms }]),
  ),
  "TBR": { terms: TBR },
  "FGD.gfl": { terms: FGD.gfl },
  "FGD.fcos": { terms: FGD.fcos },
  "an ablation": {
    terms: {
      ld: { ...ld, temperature: 20 },
      kd: { ...kd, activation: "sigmoid", weightedBy: "score" },
      vlrLd: {
        ...PRESETS.cvpr2022.terms.vlrLd,
        region: { kind: "vlr", gamma: 0.5 },
        weightedBy: "score",
      },
      off: { ...kd, weight: 0 },
    },
    detectorLosses: { giou: 2, dfl: 0 },
  },
};

Deno.test("describeTerms() and termsToText() describe every preset as in described_terms.txt", async () => {
  const path = new URL("./described_terms.txt", import.meta.url);
  const expected = await Deno.readTextFile(path);
  const found = Object.entries(described).map(([name, settings]) =>
    `# ${name}\n${termsToText(describeTerms(settings))}\n`
  ).join("\n");
  assert.equal(found, expected);
});

Deno.test("describeTerms() gives cells of a table", () => {
  const rows = describeTerms(PRESETS.cvpr2022);
  const columns = Object.keys(rows[0]) as (keyof TermRow)[];
  const table = makeTable({
    title: "What is distilled",
    columns: columns.map((heading) => ({
      heading,
      kind: typeof rows[0][heading] === "number" ? "number" : "text",
      digits: 2,
    })),
    rows: rows.map((row) => columns.map((name) => row[name])),
  });
  assert.match(tableToText(table), /vlrLd +ld +vlr +0\.25 +10\.00 +region/);
});
