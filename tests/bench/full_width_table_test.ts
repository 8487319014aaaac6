import assert from "node:assert/strict";
import { projectFolder } from "../../experiments/project.ts";

Deno.test("full_width_table.ts refuses seeds that are none", async () => {
  for (const seeds of ["0", "1.5", "many"]) {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", "bench/full_width_table.ts", seeds],
      cwd: projectFolder,
      env: { NO_COLOR: "1" },
    }).output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    assert.deepEqual([code, text(stdout)], [1, ""]);
    assert.match(text(stderr), new RegExp(`whole number .* is '${seeds}'`));
  }
});

Deno.test("the table at full width is among the results that are kept with the code", async () => {
  const ignored = await Deno.readTextFile(`${projectFolder}/.gitignore`);
  assert.match(ignored, /^\/results\/\*\n(!.*\n)*!\/results\/full_width\/$/m);
});
