import { wrapText } from "../lib/report/wrap_text.ts";
import { type Command, type Flag, HELP_FLAG, shown, spelt } from "./command.ts";

/** The columns of a narrow terminal. */
const WIDTH = 80;

/**
 * What `--help` prints: how a command is typed, what it does and what it takes.
 *
 * Use it with the declaration that `readArguments` reads by.
 *
 * @returns Lines of at most 80 columns, without a final line feed.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { helpText } from "./help_text.ts";
 *
 * const flags = { seeds: { kind: "number", about: "How often.", default: 1 } } as const;
 * assert.equal(
 *   helpText({ name: "./train", about: "Trains.", flags }),
 *   "Usage: ./train [options]\n\nTrains.\n\n" +
 *     "  --seeds N   How often. (default 1)\n  --help      this text",
 * );
 * ```
 */
export function helpText(command: Command): string {
  const { about, positionals = {}, flags = {}, notes } = command;
  const rows = [
    ...Object.entries(positionals)
      .map(([name, positional]) => [shown(name), positional.about]),
    ...Object.entries({ ...flags, help: HELP_FLAG } as Record<string, Flag>)
      .map(([name, flag]) => [
        `--${spelt(name)}${placeholder(flag)}`,
        flag.about + standing(flag),
      ]),
  ];
  const indent = Math.max(...rows.map(([left]) => left.length)) + 5;
  const lines = rows.map(([left, right]) =>
    `  ${left}`.padEnd(indent) +
    wrapText(right, WIDTH - indent)
      .replaceAll("\n", `\n${" ".repeat(indent)}`)
  );
  return [
    usageLine(command),
    wrapText(about, WIDTH),
    lines.join("\n"),
    ...(notes === undefined ? [] : [wrapText(notes, WIDTH)]),
  ].join("\n\n");
}

/** How a command is typed: `Usage: ./ldlab train CONFIG [options]`. */
function usageLine({ name, positionals = {} }: Command): string {
  const places = Object.entries(positionals).map(([key, positional]) => {
    const place = shown(key) + (positional.many ? "..." : "");
    return positional.optional ? `[${place}]` : place;
  });
  return ["Usage:", name, ...places, "[options]"].join(" ");
}

/** What stands after a flag. */
function placeholder(flag: Flag): string {
  if (flag.kind === "switch") return "";
  if (flag.kind === "choice") return ` ${flag.choices.join("|")}`;
  return ` ${flag.kind === "number" ? "N" : flag.value}`;
}

/** What a flag is unless given, and whether it may be given often. */
function standing(flag: Flag): string {
  if (flag.kind === "texts") return " (may be repeated)";
  if (flag.kind === "switch" || flag.default === undefined) return "";
  return ` (default ${flag.default})`;
}
