/** `./ldlab convert FROM TO`: weights in PyTorch's format, or in safetensors. */
import { convertWeights } from "../lib/train/mod.ts";
import type { Command } from "./command.ts";
import { runCommand } from "./run_command.ts";

const CONVERT = {
  name: "./ldlab convert",
  about: "Writes weights in the other format; names and values stay.",
  positionals: {
    from: {
      about: "a .pth, a safetensors file, or a run's weights or checkpoint",
    },
    to: { about: "a .pth or .safetensors file" },
  },
} as const satisfies Command;

Deno.exit(
  await runCommand(CONVERT, Deno.args, async ({ from, to }) => {
    const { written, leftOut } = await convertWeights(from, to);
    console.log(`Wrote ${to}: ${written} tensors`);
    if (leftOut.length > 0) {
      console.log(`${leftOut.length} were left out, as ${leftOut[0]}`);
    }
  }),
);
