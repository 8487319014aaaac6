import { parseArgs } from "node:util";
import {
  type Arguments,
  type Command,
  type Flag,
  HELP_FLAG,
  shown,
  spelt,
} from "./command.ts";
import { nearestName } from "../lib/data/nearest_name.ts";
import { UsageError } from "./usage_error.ts";

/**
 * What was typed after a command, checked.
 *
 * Use it with a declaration that is `as const satisfies Command`, from which
 * also `helpText` is made. A flag's value stands after it or after `=`; one that
 * starts with `-` and is no number needs `=`. After `--` nothing is a flag.
 *
 * @param command What can be typed.
 * @param args What was, as `Deno.args` has it.
 * @returns The values by name, or `null` for `--help` or `-h`, whatever else is
 * there.
 * @throws {UsageError} If an argument is unknown, missing, given twice, or not
 * of its kind.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { readArguments } from "./arguments.ts";
 *
 * const command = {
 *   name: "./train",
 *   about: "Trains.",
 *   positionals: { config: { about: "What is trained." } },
 *   flags: { seeds: { kind: "number", about: "How often.", default: 1 } },
 * } as const;
 * assert.deepEqual(readArguments(command, ["small", "--seeds=3"]), { config: "small", seeds: 3 });
 * assert.throws(() => readArguments(command, ["small", "--sedes=3"]), /did you mean --seeds/);
 * ```
 */
export function readArguments<const C extends Command>(
  command: C,
  args: readonly string[],
): Arguments<C> | null {
  const declared: Record<string, Flag> = { ...command.flags, help: HELP_FLAG };
  const flags = new Map(
    Object.entries(declared)
      .map(([name, flag]) => [spelt(name), { name, flag }]),
  );
  const { tokens } = parseArgs({
    args: [...args],
    allowPositionals: true,
    strict: false, // what is wrong is said below
    tokens: true,
    options: Object.fromEntries(
      [...flags].map(([long, { flag }]) => [long, {
        type: flag.kind === "switch" ? "boolean" : "string",
        ...(flag === HELP_FLAG && { short: "h" }),
      }]),
    ),
  });
  const options = tokens.filter((token) => token.kind === "option");
  if (options.some((option) => option.name === "help")) return null;
  const values: Record<string, unknown> = {};
  for (const option of options) {
    const known = flags.get(option.name);
    if (known === undefined) throw unknownFlag(option.rawName, flags.keys());
    const { name, flag } = known;
    if (flag.kind === "texts") {
      const texts = (values[name] ??= []) as string[];
      texts.push(readValue(flag, option) as string);
    } else {
      if (Object.hasOwn(values, name)) {
        throw new UsageError(`${option.rawName} is given twice`);
      }
      values[name] = readValue(flag, option);
    }
  }
  for (const [name, flag] of Object.entries<Flag>(command.flags ?? {})) {
    values[name] ??= absentValue(flag);
  }
  const rest = tokens.filter((token) => token.kind === "positional")
    .map(({ value }) => value);
  return { ...values, ...readPositionals(command, rest) } as Arguments<C>;
}

function unknownFlag(typed: string, names: Iterable<string>): UsageError {
  const known = [...names];
  const nearest = nearestName(typed.replace(/^-+/, ""), known);
  return new UsageError(
    `There is no flag ${typed}${
      nearest === undefined
        ? `; there are ${known.map((name) => `--${name}`).join(", ")}`
        : `, did you mean --${nearest}?`
    }`,
  );
}

/** A flag's value without the flag. */
function absentValue(flag: Flag): unknown {
  if (flag.kind === "switch") return false;
  if (flag.kind === "texts") return [];
  return flag.default ?? null;
}

function readValue(
  flag: Flag,
  { rawName, value, inlineValue }: {
    rawName: string;
    value?: string;
    inlineValue?: boolean;
  },
): string | number | boolean {
  if (flag.kind === "switch") {
    if (value === undefined) return true;
    throw new UsageError(
      `${rawName} takes no value: current value is '${value}'`,
    );
  }
  if (value === undefined) {
    throw new UsageError(`${rawName} takes ${what(flag)}, which is missing`);
  }
  if (!inlineValue && value.startsWith("-") && !isDecimal(value)) {
    throw new UsageError(
      `${rawName} takes ${what(flag)}, and '${value}' follows. ` +
        `If that is meant, write ${rawName}=${value}`,
    );
  }
  const fits = flag.kind === "choice"
    ? flag.choices.includes(value)
    : flag.kind === "number"
    ? isInRange(value, flag)
    : flag.kind === "texts" || value !== "";
  if (!fits) {
    throw new UsageError(
      `${rawName} must be ${what(flag)}: current value is '${value}'`,
    );
  }
  return flag.kind === "number" ? Number(value) : value;
}

function isDecimal(text: string): boolean {
  return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text);
}

function isInRange(
  text: string,
  { least = -Number.MAX_VALUE, most = Number.MAX_VALUE, whole = false }:
    & Flag
    & { kind: "number" },
): boolean {
  const value = Number(text);
  return isDecimal(text) && value >= least && value <= most &&
    (!whole || Number.isSafeInteger(value));
}

/** What a flag takes, in words. */
function what(flag: Exclude<Flag, { kind: "switch" }>): string {
  if (flag.kind === "text" || flag.kind === "texts") return flag.value;
  if (flag.kind === "choice") return flag.choices.join(" or ");
  const { least, most, whole } = flag;
  const limits = [
    ...(least === undefined ? [] : [`at least ${least}`]),
    ...(most === undefined ? [] : [`at most ${most}`]),
  ].join(" and ");
  return `a ${whole ? "whole " : ""}number${limits && ` of ${limits}`}`;
}

function readPositionals(
  { positionals = {} }: Command,
  values: readonly string[],
): Record<string, string | readonly string[] | null> {
  const names = Object.keys(positionals);
  const isOpen = names.length > 0 && positionals[names.at(-1)!].many;
  if (!isOpen && values.length > names.length) {
    throw new UsageError(
      `'${values[names.length]}' is one too many: ${
        names.length === 0
          ? "nothing but flags is taken"
          : `taken are ${names.map(shown).join(" ")}`
      }`,
    );
  }
  return Object.fromEntries(names.map((name, place) => {
    const { optional, about, many } = positionals[name];
    if (values[place] === undefined && !optional) {
      throw new UsageError(`${shown(name)} is missing: ${about}`);
    }
    return [name, many ? values.slice(place) : values[place] ?? null];
  }));
}
