/** bench/gpu.sh with a Deno that only tells what it was asked for. */
import assert from "node:assert/strict";
import { projectFolder } from "../../experiments/project.ts";

async function script(parts: string[], fails: string) {
  const folder = await Deno.makeTempDir({ prefix: "with a blank " });
  try {
    for (const path of ["bench", ".venv/bin"]) {
      await Deno.mkdir(`${folder}/${path}`, { recursive: true });
    }
    await Deno.copyFile(
      `${projectFolder}/bench/gpu.sh`,
      `${folder}/bench/gpu.sh`,
    );
    // Half a line, as a crash leaves it.
    await Deno.writeTextFile(
      `${folder}/.venv/bin/deno`,
      `#!/bin/sh\nprintf '%s on %s' "$2 $3" "$LDLAB_DEVICE"\ncase $* in ${fails}) exit 139 ;; esac\n`,
      { mode: 0o755 },
    );
    const { code, stdout, stderr } = await new Deno.Command("sh", {
      args: [`${folder}/bench/gpu.sh`, ...parts],
    }).output();
    const logs = [...Deno.readDirSync(`${folder}/bench/results/gpu`)]
      .map(({ name }) => name).sort();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return { code, stdout: text(stdout), stderr: text(stderr), logs };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("gpu.sh runs all parts on the card, in their order", async () => {
  const { code, stdout, logs } = await script([], "nothing");
  assert.equal(code, 0, stdout);
  assert.deepEqual(
    [...stdout.matchAll(/^== (\w+)/gm)].map(([, name]) => name),
    ["devices", "golden", "bench", "table"],
  );
  assert.equal(stdout.match(/ on gpu:0/g)!.length, 5);
  assert.deepEqual(
    logs,
    ["bench.log", "devices.log", "golden.log", "table.log"],
  );
});

Deno.test("gpu.sh goes on after a part that crashes, and ends with 1", async () => {
  for (
    const [fails, part] of [
      ["eval*", "devices"],
      ["*card_test*", "golden"],
      ["*bench.ts*", "bench"],
      ["*table*", "table"],
    ]
  ) {
    const { code, stdout } = await script([], fails);
    assert.equal(code, 1, fails);
    const failed = stdout.split("\n== ").filter((text) =>
      text.includes("\npart failed\n")
    ).map((text) => text.split(" ")[0]);
    assert.deepEqual(failed, [part]);
    assert.match(stdout, /== table/);
  }
});

Deno.test("gpu.sh runs the parts that are named, and knows no others", async () => {
  const { code, logs } = await script(["table"], "nothing");
  assert.deepEqual([code, logs], [0, ["table.log"]]);
  const unknown = await script(["tables"], "nothing");
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /there is no part 'tables'/);
});
