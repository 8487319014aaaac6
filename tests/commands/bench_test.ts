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
    const lost = await bench(["--only", "assignment", "--resume"], env);
    assert.equal(lost.code, 2);
    assert.match(lost.stderr, /^Cannot go on without a file: --out FILE/);
    // With --resume, what a run measured before is kept, and is a success.
    const file = `${folder}/report.json`;
    const again = () =>
      bench(["--only", "assignment", "--out", file, "--resume"], env);
    assert.equal((await again()).code, 1);
    const report = JSON.parse(await Deno.readTextFile(file));
    assert.equal(report.rows[0].ratio, null);
    Object.assign(report.rows[0], { ours_ms: 1, peer_ms: 2, ratio: 0.5 });
    report.figures = [{
      id: "a-figure",
      work: "",
      value: 1,
      unit: "s",
      note: "",
    }];
    await Deno.writeTextFile(file, JSON.stringify(report));
    // Also where another row is measured first.
    const other = ["--only", "nms-1000", "--out", file, "--resume"];
    assert.equal((await bench(other, env)).code, 1);
    const resumed = await again();
    assert.equal(resumed.code, 0, resumed.stderr);
    assert.match(resumed.stderr, /^bench: assignment: measured before$/m);
    assert.match(resumed.stdout, /assignment .* 1\.0 .* 2\.0 .* met/);
    // Without it, all is measured anew.
    const anew = ["--only", "assignment", "--out", `${folder}/anew.json`];
    await Deno.copyFile(file, `${folder}/anew.json`);
    assert.equal((await bench(anew, env)).code, 1);
    const { figures } = JSON.parse(await Deno.readTextFile(file));
    assert.deepEqual(figures, report.figures);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
