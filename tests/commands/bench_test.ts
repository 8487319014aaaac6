import assert from "node:assert/strict";
import { projectFolder } from "../../experiments/project.ts";

/** `./ldlab bench` with these arguments. */
async function bench(args: string[], env: Record<string, string>) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "commands/bench.ts", ...args],
    cwd: projectFolder,
    env: { NO_COLOR: "1", ...env },
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

Deno.test("bench on a card says that there is none before it installs anything", async () => {
  const { code, stdout, stderr } = await bench(["--device", "gpu"], {
    CUDA_VISIBLE_DEVICES: "", // hides the cards that there are
    LDLAB_BENCH_PYTHON: "",
  });
  assert.deepEqual([code, stdout], [1, ""]);
  assert.match(stderr, /^Cannot use gpu:0: \w/);
  assert.doesNotMatch(stderr, /installing/);
});

Deno.test("bench takes the peers' Python by name, says what it lacks, and fails where nothing is measured", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(
      `${folder}/python-of-peers`,
      `#!/bin/sh\nread -r call\necho '{"absent": "No module named torch"}'\n`,
      { mode: 0o755 },
    );
    const env = {
      PATH: `${folder}:${Deno.env.get("PATH")}`,
      LDLAB_BENCH_PYTHON: "python-of-peers",
    };
    const { code, stdout, stderr } = await bench(["--only", "assignment"], env);
    assert.match(stderr, /^bench: assignment: No module named torch$/m);
    assert.match(stdout, /assignment .* not measured/);
    assert.equal(code, 1);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
