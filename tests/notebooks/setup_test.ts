import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { runProgram } from "./execute.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

Deno.test("a notebook where nothing is set up says the one command", async () => {
  const folder = await Deno.makeTempDir({ prefix: "ldlab-notebook-" });
  try {
    await new Deno.Command("cp", {
      args: ["-r", "lib", "experiments", "notebooks", "deno.json", folder],
      cwd: root,
    }).output();
    await assert.rejects(
      runProgram("jupyter", [
        "nbconvert",
        "--to=notebook",
        "--execute",
        "--output=out",
        `${folder}/notebooks/table_2.ipynb`,
      ]),
      (error: Error) => {
        assert.match(
          error.message,
          /ldlab is not set up: run \.\/ldlab setup in .*, then restart this kernel/,
        );
        assert.doesNotMatch(error.message, /deno install/);
        return true;
      },
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
