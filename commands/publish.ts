/** `./ldlab publish CKPT`: a detector's weights alone, named by their hash. */
import { dirname } from "node:path";
import { publish } from "../experiments/publish.ts";
import type { Command } from "./command.ts";
import { findConfig } from "./find_config.ts";
import { runCommand } from "./run_command.ts";

const PUBLISH = {
  name: "./ldlab publish",
  about: "Writes the weights of a detector alone, without optimizer and " +
    "teacher, in a file named by its hash, and proves that its outputs stay.",
  positionals: {
    checkpoint: {
      about: "a run's weights or checkpoint, a .pth or a safetensors file",
    },
  },
  flags: {
    config: {
      kind: "text",
      value: "CONFIG",
      about: "the run whose detector it is, where the file does not say",
    },
    to: {
      kind: "text",
      value: "FOLDER",
      about: "where to; the checkpoint's folder unless given",
    },
    name: {
      kind: "text",
      value: "NAME",
      about: "what the file's name begins with",
    },
    format: {
      kind: "choice",
      choices: ["safetensors", "pth"],
      default: "safetensors",
      about: "safetensors carries the detector and its classes,\n" +
        "pth is a plain state dict",
    },
  },
} as const satisfies Command;

Deno.exit(
  await runCommand(
    PUBLISH,
    Deno.args,
    async ({ checkpoint, config, to, name, format }) => {
      const run = config === null ? undefined : await findConfig(config);
      const { path, sha256, leftOut, outputs } = await publish({
        from: checkpoint,
        folder: to ?? dirname(checkpoint),
        name: name ?? undefined,
        format,
        detector: run?.config.model,
      });
      console.log(`Published ${path}`);
      console.log(`SHA-256 ${sha256}`);
      console.log(`${outputs} output values are equal before and after`);
      console.log(`${leftOut.length} tensors were left out`);
    },
  ),
);
