import { nearestName } from "../lib/data/nearest_name.ts";
import type { Command } from "./command.ts";

/** One of the commands under a command. */
export interface Subcommand {
  readonly command: Command;
  /** Runs it with what was typed after it; gives the exit status. */
  readonly run: (args: readonly string[]) => Promise<number>;
}

/**
 * Runs the command that the first argument names, or says which there are.
 *
 * Use it as the last line of a program that has several: `Deno.exit(await
 * runSubcommand("./ldlab runs", "Lists runs.", { list: LIST }, Deno.args))`.
 *
 * @param name With what the user types before: `./ldlab runs`.
 * @returns The subcommand's exit status; 0 for help, 2 where there is no such.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { runSubcommand } from "./run_subcommand.ts";
 *
 * const command = { name: "./runs list", about: "Lists." };
 * const list = { command, run: (args: readonly string[]) => Promise.resolve(args.length) };
 * assert.equal(await runSubcommand("./runs", "Runs.", { list }, ["list", "a", "b", "c"]), 3);
 * ```
 */
export async function runSubcommand(
  name: string,
  about: string,
  subcommands: Readonly<Record<string, Subcommand>>,
  [asked, ...args]: readonly string[],
): Promise<number> {
  const help = ["help", "--help", "-h"].includes(asked ?? "help");
  if (help) {
    console.log(overview(name, about, subcommands));
    return 0;
  }
  if (Object.hasOwn(subcommands, asked)) {
    return await subcommands[asked].run(args);
  }
  const near = nearestName(asked, Object.keys(subcommands));
  console.error(
    `There is no command '${asked}'${
      near === undefined
        ? `; there are ${Object.keys(subcommands).join(", ")}`
        : `, did you mean '${near}'?`
    }\n${name} --help says what can be typed`,
  );
  return 2;
}

function overview(
  name: string,
  about: string,
  subcommands: Readonly<Record<string, Subcommand>>,
): string {
  const width = Math.max(...Object.keys(subcommands).map((key) => key.length));
  const rows = Object.entries(subcommands).map(([key, { command }]) =>
    `  ${key.padEnd(width)}  ${command.about}`
  );
  return [
    `Usage: ${name} COMMAND [options]`,
    about,
    rows.join("\n"),
    `${name} COMMAND --help says what a command takes`,
  ].join("\n\n");
}
