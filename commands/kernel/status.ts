import type { Command } from "../command.ts";
import { runCommand } from "../run_command.ts";
import type { Subcommand } from "../run_subcommand.ts";
import { searchedFolders } from "./data_folders.ts";
import { readRegistration, type Registration } from "./registration.ts";

const command = {
  name: "./ldlab kernel status",
  about: "Says where the kernel 'ldlab' is registered, and what it starts.",
  notes: "What was registered with --prefix is known to that Jupyter only.",
} as const satisfies Command;

/** `./ldlab kernel status` */
export const STATUS: Subcommand = {
  command,
  run: (args) =>
    runCommand(command, args, () => {
      const registrations = searchedFolders()
        .map(readRegistration).filter((registration) => registration !== null);
      if (registrations.length === 0) {
        console.log(
          "The kernel 'ldlab' is not registered; " +
            "./ldlab kernel install --user does that",
        );
      }
      for (const registration of registrations) {
        console.log(`${registration.folder} starts ${what(registration)}`);
      }
    }),
};

function what({ owner, starts }: Registration): string {
  switch (owner) {
    case "this":
      return `this checkout, ${starts}`;
    case "another":
      return `another checkout, ${starts}`;
    case "gone":
      return `${starts}, where no checkout is set up any more; ` +
        "./ldlab kernel install has it start this one";
    case "foreign":
      return `what is not ldlab's: ${starts}`;
  }
}
