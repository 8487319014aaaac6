import { projectFolder } from "../../experiments/project.ts";
import type { Command } from "../command.ts";
import { runCommand } from "../run_command.ts";
import type { Subcommand } from "../run_subcommand.ts";
import { PLACE_FLAGS, placeOf } from "./place_flags.ts";
import {
  kernelSpec,
  readRegistration,
  registrationFolder,
} from "./registration.ts";

const command = {
  name: "./ldlab kernel install",
  about: "Registers the kernel.",
  flags: {
    ...PLACE_FLAGS,
    force: { kind: "switch", about: "in place of another checkout's kernel" },
  },
  notes: "It is shown as 'ldlab (Deno)'. Notebooks may lie anywhere: their " +
    "imports are the project's, the files they read those of their own folder. " +
    "Figures can be moved where that Jupyter has the Python package plotly; " +
    "elsewhere they are pictures.",
} as const satisfies Command;

/** `./ldlab kernel install` */
export const INSTALL: Subcommand = {
  command,
  run: (args) =>
    runCommand(command, args, ({ force, ...place }) => {
      install(placeOf(place), { force });
    }),
};

function install(
  dataFolder: string,
  { force }: { force: boolean },
): void {
  const present = readRegistration(dataFolder);
  if (present?.owner === "foreign") {
    throw new Error(
      `Cannot register the kernel: ${present.folder} is not ldlab's; it starts ` +
        `${present.starts}. Remove it, or choose another place with --user or --prefix`,
    );
  }
  if (present?.owner === "another" && !force) {
    throw new Error(
      `Cannot register the kernel: ${present.folder} starts another checkout, ` +
        `${present.starts}. Add --force to have it start this one`,
    );
  }
  const folder = registrationFolder(dataFolder);
  try {
    Deno.mkdirSync(folder, { recursive: true });
    const file = `${folder}/kernel.json`;
    const part = `${file}.part`;
    Deno.writeTextFileSync(part, `${JSON.stringify(kernelSpec(), null, 2)}\n`);
    Deno.renameSync(part, file);
  } catch (error) {
    throw new Error(
      `Cannot register the kernel in ${folder}: ${
        (error as Error).message
      }. Use sudo, or choose another place with --user or --prefix`,
      { cause: error },
    );
  }
  console.log(
    `'ldlab (Deno)' is registered in ${folder}\n` +
      `It starts ${projectFolder}; should that move, register it again`,
  );
}
