/**
 * The gate: runs the stages of `./ldlab check` or `./ldlab test`, says how long
 * each took, and ends with one line `N passed, N failed`.
 */

interface Stage {
  name: string;
  args: string[];
}

const slow = ["tests/notebooks", "tests/browser"];
const check: Stage[] = [
  { name: "format", args: ["fmt", "--check"] },
  { name: "lint", args: ["lint", "--quiet"] },
  {
    name: "types",
    // deno-fmt-ignore
    args: ["check", "--quiet", "lib", "experiments", "commands", "bench", "tests"],
  },
  {
    name: "unit tests",
    // Types were a stage of their own; checking again costs a second a worker.
    args: [
      "test",
      "-A",
      "--no-check",
      "--parallel",
      "tests",
      `--ignore=${slow}`,
    ],
  },
  {
    name: "doc examples",
    args: [
      "test",
      "-A",
      "--parallel",
      "--doc",
      "--no-check",
      "lib",
      "experiments",
      "commands",
    ],
  },
];
const suites: Record<string, Stage[]> = {
  check,
  test: [
    ...check,
    { name: "notebooks", args: ["test", "-A", "--no-check", slow[0]] },
    { name: "browser", args: ["test", "-A", "--no-check", slow[1]] },
  ],
};

/** Passed and failed tests of one stage; a stage without tests counts as one. */
async function run(stage: Stage): Promise<[passed: number, failed: number]> {
  const child = new Deno.Command(Deno.execPath(), {
    args: stage.args,
    // The tolerances are those of the processor, unless a card is asked for.
    env: {
      NO_COLOR: "1",
      LDLAB_EXECUTED: executed,
      LDLAB_DEVICE: Deno.env.get("LDLAB_DEVICE") ?? "cpu",
    },
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let summary = "";
  const decoder = new TextDecoder();
  for await (const chunk of child.stdout) {
    await Deno.stdout.write(chunk);
    summary = (summary + decoder.decode(chunk, { stream: true })).slice(-2000);
  }
  const { success } = await child.status;
  if (stage.args[0] !== "test") return success ? [1, 0] : [0, 1];
  const counts = [...summary.matchAll(/\| (\d+) passed.*\| (\d+) failed/g)]
    .at(-1);
  // A run that died before its summary, whose modules failed to load, or that
  // found no test has failed, whatever it counted.
  if (counts === undefined) return [0, 1];
  const [passed, failed] = [Number(counts[1]), Number(counts[2])];
  return [passed, success && passed > 0 ? failed : Math.max(failed, 1)];
}

const [name, ...rest] = Deno.args;
if (!Object.hasOwn(suites, name ?? "") || rest.length > 0) {
  console.error(
    `Cannot run '${
      Deno.args.join(" ")
    }': ./ldlab check and ./ldlab test take ` +
      "no arguments. For single tests: deno test -A FILE",
  );
  Deno.exit(2);
}
const suite = suites[name];
/** Where notebooks leave their executed copies for the stages after them. */
const executed = await Deno.makeTempDir({ prefix: "ldlab-executed-" });
let passed = 0;
let failed = 0;
const lines: string[] = [];
for (const stage of suite) {
  console.log(`\n== ${stage.name}`);
  const from = performance.now();
  const [good, bad] = await run(stage);
  const seconds = ((performance.now() - from) / 1000).toFixed(1);
  lines.push(
    `${bad === 0 ? "ok    " : "FAILED"} ${stage.name.padEnd(14)}` +
      `${String(good).padStart(5)} passed ${String(bad).padStart(3)} failed` +
      ` ${seconds.padStart(7)} s`,
  );
  passed += good;
  failed += bad;
}
await Deno.remove(executed, { recursive: true });
console.log(`\n${lines.join("\n")}\n${passed} passed, ${failed} failed`);
Deno.exit(failed === 0 ? 0 : 1);
