import { nearestName } from "../lib/data/nearest_name.ts";

/** Where in which config a value stands, for an error. */
export interface Place {
  /** What the config is of, as `'baseline'`. */
  readonly label: string;
  /** As `optimizer.learningRate`; empty for the whole config. */
  readonly path: string;
}

/** Throws if a value is not in order. */
export type Check = (value: unknown, place: Place) => void;

/** An error about a value, which names its place and says what would be right. */
export function wrong(
  { label, path }: Place,
  right: string,
  value: unknown,
): RangeError {
  return new RangeError(
    `Cannot start ${label}: ${path} must be ${right}: current value is ${
      typeof value === "string" ? `'${value}'` : JSON.stringify(value)
    }`,
  );
}

/** The place of a member. */
export const inside = ({ label, path }: Place, name: string): Place => ({
  label,
  path: path === "" ? name : `${path}.${name}`,
});

/** A check of one value. */
const value = (right: string, fits: (value: unknown) => boolean): Check =>
(
  value,
  place,
) => {
  if (!fits(value)) throw wrong(place, right, value);
};

const isNumber = (value: unknown): value is number => Number.isFinite(value);

export const integer = value("a whole number", Number.isSafeInteger);
export const count = value(
  "a whole number above 0",
  (value) => Number.isSafeInteger(value) && value as number > 0,
);
export const positive = value(
  "a number above 0",
  (value) => isNumber(value) && value > 0,
);
export const notNegative = value(
  "a number of at least 0",
  (value) => isNumber(value) && value >= 0,
);
export const below = (limit: number): Check =>
  value(
    `a number of at least 0 and below ${limit}`,
    (value) => isNumber(value) && value >= 0 && value < limit,
  );
export const share = value(
  "a number above 0 and at most 1",
  (value) => isNumber(value) && value > 0 && value <= 1,
);
export const text = value(
  "text that is not empty",
  (value) => typeof value === "string" && value !== "",
);

/** One of a few values. */
export const oneOf = (...values: readonly unknown[]): Check =>
  value(
    values.map((value) => typeof value === "string" ? `'${value}'` : `${value}`)
      .join(", ").replace(/, ([^,]*)$/, " or $1"),
    (value) => values.includes(value),
  );

/** What may be absent, which null says too. */
export const absentOr = (check: Check): Check => (value, place) => {
  if (value !== undefined && value !== null) check(value, place);
};

/** A list, with at least one entry. */
export const listOf = (check: Check): Check => (value, place) => {
  if (!Array.isArray(value) || value.length === 0) {
    throw wrong(place, "a list that is not empty", value);
  }
  value.forEach((entry, index) => check(entry, inside(place, `${index}`)));
};

/** An object with members of these names, and no others. */
export const object = <T extends object>(
  members: { readonly [name in keyof T]-?: Check },
): Check =>
(value, place) => {
  const given = objectAt(value, place);
  const names = Object.keys(members);
  for (const name of Object.keys(given)) {
    if (names.includes(name)) continue;
    const nearest = nearestName(name, names);
    const meant = nearest === undefined ? "" : `, did you mean '${nearest}'?`;
    throw new RangeError(
      `Cannot start ${place.label}: options of ${place.path || "a run"} are ${
        names.join(", ")
      }: current one is '${name}'${meant}`,
    );
  }
  for (const [name, check] of Object.entries<Check>(members)) {
    check(given[name], inside(place, name));
  }
};

/** An object whose `kind` says which. */
export const byKind =
  (kinds: Readonly<Record<string, Check>>): Check => (value, place) => {
    const { kind } = objectAt(value, place);
    oneOf(...Object.keys(kinds))(kind, inside(place, "kind"));
    kinds[kind as string](value, place);
  };

/** An object that has one of some members, which says which. */
export const byMember =
  (variants: Readonly<Record<string, Check>>): Check => (value, place) => {
    const given = objectAt(value, place);
    const name = Object.keys(variants).find((name) => name in given);
    if (name === undefined) {
      throw wrong(
        place,
        `an object with '${Object.keys(variants).join("' or '")}'`,
        value,
      );
    }
    variants[name](value, place);
  };

/** What a function of the library checks by itself. */
export const passes =
  (use: (value: never) => unknown): Check => (value, place) => {
    try {
      use(value as never);
    } catch (error) {
      const { message } = error as Error;
      const Kind = error instanceof TypeError ? TypeError : RangeError;
      throw new Kind(
        `Cannot start ${place.label}: ${place.path} is not in order: ${message}`,
        { cause: error },
      );
    }
  };

function objectAt(value: unknown, place: Place): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw wrong(place, "an object", value);
}
