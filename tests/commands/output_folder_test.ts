import assert from "node:assert/strict";
import { outputFolder } from "../../commands/output_folder.ts";
import { projectFolder, resultsFolder } from "../../experiments/project.ts";
import { FIGURES, folderOf, TABLES } from "../../experiments/tables/tables.ts";
import { TABLE_SCALES } from "../../experiments/tables/table_setting.ts";

const asked = {
  folder: "runs",
  output: null,
  scale: "smoke",
  rows: [],
  isOneOfAll: false,
};
const table = { id: "1a" };

Deno.test("outputFolder() gives some rows a folder of their own, whatever their order", () => {
  const rows = ["b", "a", "b"];
  assert.equal(
    outputFolder(table, { ...asked, rows }),
    "runs/table_1a/smoke/rows_a_b",
  );
  assert.equal(
    outputFolder(table, { ...asked, rows, output: "out" }),
    "out/rows_a_b",
  );
});

Deno.test("outputFolder() gives each of all tables a folder of its own", () => {
  const all = { ...asked, output: "out", isOneOfAll: true };
  assert.equal(outputFolder(table, all), "out/table_1a");
  assert.equal(outputFolder({ id: "voc" }, all), "out/voc");
});

Deno.test("outputFolder() leaves results that ship alone unless --output names them", async () => {
  const { code, stdout } = await new Deno.Command("git", {
    args: ["check-ignore", "--no-index", "results/small/README.md"],
    cwd: projectFolder,
  }).output();
  assert.equal(code, 1, new TextDecoder().decode(stdout)); // is not ignored
  for (const table of [...TABLES, ...FIGURES]) {
    assert.notEqual(folderOf(table), "small");
    for (const scale of TABLE_SCALES) {
      for (const rows of [[], ["a"]]) {
        const own = { ...asked, folder: resultsFolder, scale, rows };
        const path = outputFolder(table, own);
        assert.ok(!path.startsWith(`${resultsFolder}/small`), path);
      }
    }
  }
});
