import assert from "node:assert/strict";
import { projectFolder, resultsFolder } from "../../experiments/project.ts";

Deno.test("resultsFolder is the project's, or the one that LDLAB_RESULTS names", async () => {
  const printed = async (named: string) => {
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: [
        "eval",
        `import { resultsFolder } from "${projectFolder}/experiments/project.ts";
        console.log(resultsFolder);`,
      ],
      cwd: "/",
      env: { LDLAB_RESULTS: named },
    }).output();
    return new TextDecoder().decode(stdout).trim();
  };
  assert.equal(await printed(""), `${projectFolder}/results`);
  assert.equal(await printed("scratch/runs"), "/scratch/runs");
  assert.ok(resultsFolder.startsWith("/"));
});
