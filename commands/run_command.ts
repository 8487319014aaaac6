import { readArguments } from "./arguments.ts";
import type { Arguments, Command } from "./command.ts";
import { helpText } from "./help_text.ts";
import { UsageError } from "./usage_error.ts";

/** The exit status of what Ctrl-C stopped: 128 and SIGINT's number. */
const STOPPED = 130;
/** The same where nobody reads on, as behind `| head`: SIGPIPE's. */
const UNREAD = 141;

/**
 * Runs a command with what was typed after it and says how it went.
 *
 * Use it as a program's last line: `Deno.exit(await runCommand(TRAIN, Deno.args,
 * train))`. Help goes to standard output, messages to standard error; a stack is
 * shown only where the message does not say what to do.
 *
 * @param body The work; what it returns is the exit status, nothing is 0.
 * @returns 0 for help and success, 1 for a failure, 2 for a `UsageError` (in the
 * arguments or from the body), 130 for an `AbortError`, 141 where nobody reads
 * its output on.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { runCommand } from "./run_command.ts";
 *
 * const command = { name: "./greet", about: "Greets.", positionals: { name: { about: "Whom." } } };
 * let greeted = "";
 * assert.equal(await runCommand(command, ["Ada"], ({ name }) => void (greeted = name)), 0);
 * assert.equal(greeted, "Ada");
 * ```
 */
export async function runCommand<const C extends Command>(
  command: C,
  args: readonly string[],
  body: (values: Arguments<C>) => Promise<number | void> | number | void,
): Promise<number> {
  try {
    const values = readArguments(command, args);
    if (values !== null) return await body(values) ?? 0;
    console.log(helpText(command));
    return 0;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (error instanceof Deno.errors.BrokenPipe) return UNREAD;
    const { name, message, stack } = error;
    if (error instanceof UsageError) {
      console.error(
        `${message}\n${command.name} --help says what can be typed`,
      );
      return 2;
    }
    const isStop = name === "AbortError";
    // The project's own messages say what to do, all of them.
    const isExplained = isStop || message.startsWith("Cannot ");
    console.error(isExplained ? message : stack);
    return isStop ? STOPPED : 1;
  }
}
