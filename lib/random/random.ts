/** Draws the next number, uniform in [0, 1). */
export type Random = () => number;

/**
 * A seeded generator: sfc32, its state filled by hashing the parts of the seed.
 *
 * Use one generator for each thing that is drawn. With the parts (seed, epoch,
 * position) they say everything about a sample, and a run resumed in the middle
 * draws what the uninterrupted run would have drawn; with (seed, name) a
 * parameter's start does not depend on which others a network has.
 *
 * @param parts Integers and names. Their number and order matter: (1, 2),
 * (2, 1) and (1, 2, 0) are three seeds.
 * @returns The generator. Each number has 32 random bits.
 * @throws {RangeError} If a part is not an integer.
 * @see PractRand by Chris Doty-Humphrey (sfc32); the finaliser of MurmurHash3
 * by Austin Appleby (the hash).
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { createRandom } from "ldlab/random/random.ts";
 *
 * const [first, again] = [createRandom(7, 0, 3), createRandom(7, 0, 3)];
 * assert.equal(first(), again());
 * assert.notEqual(createRandom(7, 0, 4)(), createRandom(7, 0, 3)());
 * ```
 */
export function createRandom(...parts: (number | string)[]): Random {
  let hash = mix(parts.length + 0x9e3779b9);
  for (const given of parts) {
    const part = typeof given === "string" ? hashText(given) : given;
    if (!Number.isInteger(part)) {
      throw new RangeError(
        `Cannot seed a generator: every part must be an integer or a name: current parts are [${parts}]`,
      );
    }
    hash = mix(hash ^ mix(part + 0x9e3779b9) ^ Math.floor(part / 2 ** 32));
  }
  let a = hash = mix(hash + 0x9e3779b9);
  let b = hash = mix(hash + 0x9e3779b9);
  let c = mix(hash + 0x9e3779b9);
  let counter = 1;
  const next = () => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum | 0;
    return (sum >>> 0) / 2 ** 32;
  };
  for (let i = 0; i < 12; i++) next();
  return next;
}

/** FNV-1a. */
function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return hash;
}

function mix(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/**
 * Draws a number uniform between two bounds.
 *
 * @param random The generator.
 * @param low The lower bound, included.
 * @param high The upper bound, excluded (equal to `low` if both are equal).
 * @returns The number.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { uniform } from "ldlab/random/random.ts";
 *
 * assert.equal(uniform(() => 0.25, 10, 20), 12.5);
 * ```
 */
export function uniform(random: Random, low: number, high: number): number {
  return low + (high - low) * random();
}

/**
 * Draws an integer uniform in [0, `count`).
 *
 * @param random The generator.
 * @param count How many integers to draw from, 1 to 2^32.
 * @returns The integer.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { integerBelow } from "ldlab/random/random.ts";
 *
 * assert.equal(integerBelow(() => 0.99, 4), 3);
 * ```
 */
export function integerBelow(random: Random, count: number): number {
  return Math.floor(random() * count);
}

/**
 * Draws a number from the standard normal distribution.
 *
 * @param random The generator; two numbers are taken from it.
 * @returns The number.
 * @see Box and Muller, "A note on the generation of random normal deviates",
 * 1958.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { createRandom, standardNormal } from "ldlab/random/random.ts";
 *
 * const random = createRandom(1);
 * const values = Array.from({ length: 1000 }, () => standardNormal(random));
 * const mean = values.reduce((a, b) => a + b) / 1000;
 * assert.ok(Math.abs(mean) < 0.1);
 * ```
 */
export function standardNormal(random: Random): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random()));
  return radius * Math.cos(2 * Math.PI * random());
}
