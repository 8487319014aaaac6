/** Draws numbers of one seeded stream. */
export interface Random {
  /** Uniform in [0, 1). */
  uniform(): number;
  /** Standard normal. */
  normal(): number;
}

/**
 * Opens a stream of random numbers on the host. The same seed and name give the
 * same numbers on every machine, and streams of different names are
 * independent, so that a parameter's start does not depend on which other
 * parameters a network has.
 *
 * Uniform numbers come from SFC32 (32 bits each), normal ones from Box and
 * Muller's transform.
 *
 * @param seed Any integer.
 * @param name Which stream of this seed.
 * @returns The stream, at its start.
 * @throws {RangeError} If the seed is not an integer.
 * @see Chris Doty-Humphrey, PractRand: SFC32.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { createRandom } from "ldlab/nn/random.ts";
 *
 * assert.equal(
 *   createRandom(7, "conv1").uniform(),
 *   createRandom(7, "conv1").uniform(),
 * );
 * assert.notEqual(
 *   createRandom(7, "conv1").uniform(),
 *   createRandom(7, "conv2").uniform(),
 * );
 * ```
 */
export function createRandom(seed: number, name = ""): Random {
  if (!Number.isSafeInteger(seed)) {
    throw new RangeError(
      `Cannot open a random stream: the seed must be an integer: current value is ${seed}`,
    );
  }
  let a = seed | 0;
  let b = Math.floor(seed / 2 ** 32) | 0;
  let c = fnv1a(name);
  let counter = 1;
  const next = () => {
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + t) | 0;
    return t >>> 0;
  };
  // SFC32's author asks for 12 rounds before near seeds are unrelated.
  for (let i = 0; i < 12; i++) next();
  const uniform = () => next() / 2 ** 32;
  let spare: number | undefined;
  const normal = () => {
    if (spare !== undefined) {
      const value = spare;
      spare = undefined;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
    const angle = 2 * Math.PI * uniform();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
  return { uniform, normal };
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return hash | 0;
}
