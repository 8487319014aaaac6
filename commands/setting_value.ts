import type { Json } from "../lib/train/canonical_json.ts";
import { UsageError } from "./usage_error.ts";

/** What a value is. */
export type ValueKind =
  | "null"
  | "boolean"
  | "number"
  | "text"
  | "list"
  | "object";

const WORDS: Readonly<Record<ValueKind, string>> = {
  null: "null",
  boolean: "true or false",
  number: "a number",
  text: "text",
  list: "a list",
  object: "an object",
};

/** Names that reach an object's prototype. */
const PROTOTYPE_NAMES = ["__proto__", "constructor", "prototype"];

/**
 * The value that a setting's text stands for, of a kind that may be there.
 *
 * @param path What is set, for an error.
 * @param text JSON; text that is not JSON stands for itself.
 * @param present The value that is there.
 * @param also Kinds that may be there besides its own; anything may be in
 * place of null unless given.
 * @returns The value; -0 is 0, as JSON writes it.
 * @throws {UsageError} If the text is empty, cut-off JSON, or of a wrong kind.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { readSettingValue } from "./setting_value.ts";
 *
 * assert.equal(readSettingValue("epochs", "24", 12), 24);
 * assert.equal(readSettingValue("style", "caffe", "pytorch"), "caffe");
 * assert.throws(() => readSettingValue("epochs", "two", 12), /must be a number/);
 * ```
 */
export function readSettingValue(
  path: string,
  text: string,
  present: Json,
  also?: readonly ValueKind[],
): Json {
  const refuse = (reason: string): never => {
    throw new UsageError(`Cannot set '${path}': ${reason}`);
  };
  const value = read(text, refuse);
  check(value, refuse);
  const own = kindOf(present);
  const kinds = own === "null" && also === undefined
    ? Object.keys(WORDS) as ValueKind[]
    : [...new Set([own, ...also ?? []])];
  if (value === text && kinds.includes("number") && looksNumeric(text)) {
    refuse(
      `numbers are decimal and finite, as 16, -0.5 or 1e-3: ` +
        `current value is '${text}'`,
    );
  }
  const kind = kindOf(value);
  const entries = kind === "list" && own === "list" && !also?.includes("list");
  if (!kinds.includes(kind) || (entries && !fits(value, present))) {
    const quotes = kinds.includes("text") && typeof value !== "object"
      ? `; quotes make text of it: '"${text}"'`
      : "";
    refuse(
      `it must be ${kinds.map((k) => describe(k, present)).join(" or ")}` +
        `: current value is '${text}'${quotes}`,
    );
  }
  return value;
}

/** JSON, or text where it is none. */
function read(text: string, refuse: (reason: string) => never): Json {
  if (text === "") refuse(`there is no value; empty text is '""'`);
  try {
    return JSON.parse(text, (_, value) => value === 0 ? 0 : value);
  } catch (error) {
    if (!/^\s*["[{]/.test(text)) return text;
    return refuse(
      `the value starts as JSON and is none: ${(error as Error).message}`,
    );
  }
}

/** Refuses what JSON can be read from and no config can hold. */
function check(value: Json, refuse: (reason: string) => never): void {
  if (typeof value === "number" && !Number.isFinite(value)) {
    refuse("the number is larger than any that can be held");
  }
  if (typeof value !== "object" || value === null) return;
  for (const [key, member] of Object.entries(value)) {
    if (PROTOTYPE_NAMES.includes(key)) refuse(`nothing is called '${key}'`);
    check(member!, refuse);
  }
}

/** Whether text was meant as a number: NaN, Infinity, hexadecimal, `.5`, `05`. */
function looksNumeric(text: string): boolean {
  return !Number.isNaN(Number(text)) || /^[-+]?(nan|inf|infinity)$/i.test(text);
}

function kindOf(value: Json): ValueKind {
  if (value === null) return "null";
  if (typeof value === "string") return "text";
  if (Array.isArray(value)) return "list";
  return typeof value as "boolean" | "number" | "object";
}

/** Whether a value is of the kind of another, a list's entries of its entries'. */
function fits(value: Json, present: Json): boolean {
  if (kindOf(value) !== kindOf(present)) return false;
  if (!Array.isArray(value)) return true;
  const there = present as readonly Json[];
  return there.length === 0 ||
    value.every((entry) => there.some((other) => fits(entry, other)));
}

/** A kind in words, by the value that is there where it is of that kind. */
function describe(kind: ValueKind, present: Json): string {
  if (kindOf(present) !== kind || kind === "null" || kind === "boolean") {
    return WORDS[kind];
  }
  const example = JSON.stringify(present);
  return example.length > 40 ? WORDS[kind] : `${WORDS[kind]}, as ${example} is`;
}
