/**
 * A flag: `switch` is given or not, `text` takes any text, `texts` the texts of
 * every time it is given, `number` a decimal number, `choice` one of a few words.
 */
export type Flag =
  & {
    /** What it does, in a sentence or two, for the help. */
    readonly about: string;
  }
  & (
    | { readonly kind: "switch" }
    | {
      readonly kind: "text";
      /** What the value is, for the help: `FILE`. */
      readonly value: string;
      readonly default?: string;
    }
    | { readonly kind: "texts"; readonly value: string }
    | {
      readonly kind: "number";
      readonly default?: number;
      readonly least?: number;
      readonly most?: number;
      /** Whether it must be a whole number. */
      readonly whole?: boolean;
    }
    | {
      readonly kind: "choice";
      readonly choices: readonly string[];
      readonly default?: string;
    }
  );

/** What comes without a flag; its place is its place in the declaration. */
export interface Positional {
  readonly about: string;
  /** Whether it may be left out, and all after it. */
  readonly optional?: boolean;
  /** Whether there may be several, one unless `optional`; only of the last. */
  readonly many?: boolean;
}

/** What can be typed after a command, and what its help says. */
export interface Command {
  /** With what the user types before it: `./ldlab train`. */
  readonly name: string;
  /** What it does. */
  readonly about: string;
  /** By name; `runId` is shown as RUN-ID. */
  readonly positionals?: Readonly<Record<string, Positional>>;
  /** By name; `dryRun` is typed as `--dry-run`. */
  readonly flags?: Readonly<Record<string, Flag>>;
  /** What the help ends with. */
  readonly notes?: string;
}

type ValueOf<F extends Flag> = F extends { kind: "switch" } ? boolean
  : F extends { kind: "texts" } ? readonly string[]
  :
    | (F extends { kind: "number" } ? number
      : F extends { choices: readonly (infer C)[] } ? C
      : string)
    | (F extends { default: string | number } ? never : null);

type Flags<F> = F extends Readonly<Record<string, Flag>>
  ? { readonly [name in keyof F]: ValueOf<F[name]> }
  : unknown;

type Positionals<P> = P extends Readonly<Record<string, Positional>> ? {
    readonly [name in keyof P]: P[name] extends { many: true }
      ? readonly string[]
      : string | (P[name] extends { optional: true } ? null : never);
  }
  : unknown;

/** What was typed, by name; null for what was not and has no default. */
export type Arguments<C extends Command> =
  & Flags<C["flags"]>
  & Positionals<C["positionals"]>;

/** The flag that every command has. */
export const HELP_FLAG = {
  kind: "switch",
  about: "this text",
} as const satisfies Flag;

/** How a flag is typed after its dashes: `dryRun` as `dry-run`. */
export function spelt(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** How a positional is shown: `runId` as `RUN-ID`. */
export function shown(name: string): string {
  return spelt(name).toUpperCase();
}
