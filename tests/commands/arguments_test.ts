import assert from "node:assert/strict";
import { readArguments } from "../../commands/arguments.ts";
import type { Command } from "../../commands/command.ts";
import { UsageError } from "../../commands/usage_error.ts";

const command = {
  name: "./train",
  about: "Trains.",
  positionals: {
    config: { about: "What is trained." },
    runId: { about: "The run.", optional: true },
  },
  flags: {
    seeds: { kind: "number", about: "", default: 1, least: 1, whole: true },
    rate: { kind: "number", about: "", most: 2.5 },
    scale: {
      kind: "choice",
      about: "",
      choices: ["small", "smoke"],
      default: "small",
    },
    device: { kind: "choice", about: "", choices: ["cpu", "gpu"] },
    dryRun: { kind: "switch", about: "" },
    out: { kind: "text", about: "", value: "FILE" },
    set: { kind: "texts", about: "", value: "KEY=VALUE" },
  },
} as const satisfies Command;

function read(...args: string[]) {
  return readArguments(command, args);
}

function refused(message: RegExp, ...args: string[]): void {
  assert.throws(
    () => read(...args),
    (error) =>
      error instanceof UsageError && message.test(error.message) ||
      assert.fail(`${error}, not ${message}`),
  );
}

Deno.test("readArguments() gives defaults, null and empty lists for what is not typed", () => {
  const values = read("gfl");
  assert.deepEqual(values, {
    config: "gfl",
    runId: null,
    seeds: 1,
    rate: null,
    scale: "small",
    device: null,
    dryRun: false,
    out: null,
    set: [],
  });
  // The compiler knows them: this is checked, not run.
  const typed: {
    readonly config: string;
    readonly runId: string | null;
    readonly seeds: number;
    readonly rate: number | null;
    readonly scale: "small" | "smoke";
    readonly device: "cpu" | "gpu" | null;
    readonly dryRun: boolean;
    readonly out: string | null;
    readonly set: readonly string[];
  } = values!;
  assert.equal(typed.seeds, 1);
});

Deno.test("readArguments() reads flags before, between and after what comes without", () => {
  assert.deepEqual(
    // deno-fmt-ignore
    read(
      "--set", "a=1", "gfl", "--seeds=3", "--set=b=[1,2]", "--dry-run", "id",
      "--rate", "-1.5e-3", "--scale", "smoke", "--out=-x", "--device=gpu",
    ),
    {
      config: "gfl",
      runId: "id",
      seeds: 3,
      rate: -0.0015,
      scale: "smoke",
      device: "gpu",
      dryRun: true,
      out: "-x",
      set: ["a=1", "b=[1,2]"],
    },
  );
});

Deno.test("readArguments() takes no flag after --", () => {
  assert.equal(read("--", "--help")?.config, "--help");
  assert.deepEqual(readArguments({ name: "./a", about: "" }, []), {});
});

Deno.test("readArguments() gives null for help, whatever else is typed", () => {
  for (const args of [["--help"], ["-h"], ["--sedes", "x", "--help"]]) {
    assert.equal(read(...args), null);
  }
});

Deno.test("readArguments() names the nearest flag, or all", () => {
  refused(
    /^There is no flag --sedes, did you mean --seeds\?$/,
    "gfl",
    "--sedes=3",
  );
  refused(/no flag --dryRun, did you mean --dry-run\?/, "gfl", "--dryRun");
  refused(
    /no flag --no-dry-run, did you mean --dry-run\?/,
    "gfl",
    "--no-dry-run",
  );
  refused(
    /no flag --verbose; there are --seeds, --rate, .*--set, --help$/,
    "gfl",
    "--verbose",
  );
  refused(/no flag -x; there are/, "gfl", "-x");
  for (const name of ["--__proto__", "--constructor", "--toString"]) {
    refused(new RegExp(`no flag ${name}`), "gfl", name);
  }
});

Deno.test("readArguments() refuses values that are missing, too many, given twice or out of range", () => {
  refused(/^--out takes FILE, which is missing$/, "gfl", "--out");
  refused(
    /^--out takes FILE, and '--dry-run' follows\. If that is meant, write --out=--dry-run$/,
    "gfl",
    "--out",
    "--dry-run",
  );
  // As a folder it would be the one in which it is typed.
  refused(/^--out must be FILE: current value is ''$/, "gfl", "--out=");
  refused(
    /^--dry-run takes no value: current value is 'yes'$/,
    "gfl",
    "--dry-run=yes",
  );
  refused(/^--seeds is given twice$/, "gfl", "--seeds=1", "--seeds=1");
  refused(/^--dry-run is given twice$/, "gfl", "--dry-run", "--dry-run");
  for (
    const seeds of [
      "0",
      "-1",
      "1.5",
      "NaN",
      "0x10",
      "",
      " ",
      "Infinity",
      "1e999",
      "two",
      "1e300",
    ]
  ) {
    refused(
      /^--seeds must be a whole number of at least 1: current value is '/,
      "gfl",
      `--seeds=${seeds}`,
    );
  }
  refused(/^--seeds must be a whole number/, "gfl", "--seeds", "-1");
  refused(
    /^--rate must be a number of at most 2.5: current value is '3'$/,
    "gfl",
    "--rate=3",
  );
  refused(
    /^--scale must be small or smoke: current value is 'large'$/,
    "gfl",
    "--scale=large",
  );
});

Deno.test("readArguments() refuses too few and too many places", () => {
  refused(/^CONFIG is missing: What is trained\.$/);
  refused(/^'c' is one too many: taken are CONFIG RUN-ID$/, "a", "b", "c");
  assert.throws(
    () => readArguments({ name: "./a", about: "" }, ["b"]),
    /'b' is one too many: nothing but flags is taken/,
  );
});

Deno.test("readArguments() reads several where there may be several", () => {
  const remove = {
    name: "./remove",
    about: "",
    positionals: { from: { about: "" }, id: { about: "Runs.", many: true } },
    flags: { yes: { kind: "switch", about: "" } },
  } as const satisfies Command;
  const { id, from, yes } = readArguments(remove, ["f", "a", "--yes", "b"])!;
  const typed: readonly string[] = id;
  assert.deepEqual([typed, from, yes], [["a", "b"], "f", true]);
  assert.throws(() => readArguments(remove, ["f"]), /ID is missing: Runs\./);
  const any = {
    ...remove,
    positionals: { id: { about: "", many: true, optional: true } },
  } as const satisfies Command;
  assert.deepEqual(readArguments(any, [])!.id, []);
});
