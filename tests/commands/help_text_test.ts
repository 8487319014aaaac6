import assert from "node:assert/strict";
import { helpText } from "../../commands/help_text.ts";

Deno.test("helpText() shows places, flags with their values and defaults, and wraps at 80 columns", () => {
  assert.equal(
    helpText({
      name: "./ldlab train",
      about: "Trains what a config says.",
      positionals: {
        config: { about: "The name of a config." },
        runId: { about: "The run.", optional: true },
      },
      flags: {
        scale: {
          kind: "choice",
          choices: ["small", "smoke"],
          default: "small",
          about:
            "How much of the data, and how much of the network, is taken for the run.",
        },
        seeds: { kind: "number", default: 1, about: "How often." },
        dryRun: { kind: "switch", about: "Only show the config." },
        set: { kind: "texts", value: "KEY=VALUE", about: "Replace a value." },
      },
      notes: "Finished runs are kept.\nCtrl-C stops.",
    }),
    `Usage: ./ldlab train CONFIG [RUN-ID] [options]

Trains what a config says.

  CONFIG                The name of a config.
  RUN-ID                The run.
  --scale small|smoke   How much of the data, and how much of the network, is
                        taken for the run. (default small)
  --seeds N             How often. (default 1)
  --dry-run             Only show the config.
  --set KEY=VALUE       Replace a value. (may be repeated)
  --help                this text

Finished runs are kept.
Ctrl-C stops.`,
  );
});

Deno.test("helpText() shows that there may be several", () => {
  const about = "The runs.";
  const usage = (optional: boolean) =>
    helpText({
      name: "./remove",
      about: "",
      positionals: { id: { about, many: true, optional } },
    }).split("\n")[0];
  assert.equal(usage(false), "Usage: ./remove ID... [options]");
  assert.equal(usage(true), "Usage: ./remove [ID...] [options]");
});
