import type { Command } from "../command.ts";
import { runCommand } from "../run_command.ts";
import type { Subcommand } from "../run_subcommand.ts";
import { searchedFolders } from "./data_folders.ts";
import { PLACE_FLAGS, placeOf } from "./place_flags.ts";
import { readRegistration, registrationFolder } from "./registration.ts";

const command = {
  name: "./ldlab kernel uninstall",
  about: "Removes what install registered.",
  flags: PLACE_FLAGS,
  notes: "It takes the flags that install was given.",
} as const satisfies Command;

/** `./ldlab kernel uninstall` */
export const UNINSTALL: Subcommand = {
  command,
  run: (args) =>
    runCommand(command, args, (place) => uninstall(placeOf(place))),
};

function uninstall(dataFolder: string): void {
  const registration = readRegistration(dataFolder);
  if (registration === null) {
    throw new Error(
      `Cannot remove the kernel: there is none in ${
        registrationFolder(dataFolder)
      }${elsewhere()}`,
    );
  }
  const { folder, owner, starts } = registration;
  if (owner === "another" || owner === "foreign") {
    throw new Error(
      `Cannot remove the kernel: ${folder} is not this checkout's; it starts ` +
        starts,
    );
  }
  try {
    // What install wrote, and the folder if that was all.
    Deno.removeSync(`${folder}/kernel.json`);
    if ([...Deno.readDirSync(folder)].length === 0) Deno.removeSync(folder);
  } catch (error) {
    throw new Error(
      `Cannot remove the kernel in ${folder}: ${(error as Error).message}`,
      { cause: error },
    );
  }
  console.log(`${folder} is removed; it started ${starts}`);
}

/** Where else this checkout's kernel is, in words. */
function elsewhere(): string {
  const own = searchedFolders().map(readRegistration)
    .filter((registration) => registration?.owner === "this");
  return own.length === 0
    ? ""
    : `. There is one in ${own.map((one) => one!.folder).join(", ")}: say ` +
      "--user or --prefix as you said to install";
}
