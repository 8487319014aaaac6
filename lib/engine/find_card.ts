import type { MissingLibrary } from "./cuda_libraries.ts";
import type { Card, DriverReport } from "./nvidia_driver.ts";

/**
 * The oldest compute capability that TensorFlow's package has code for; what it
 * says at start of older cards is that it will compile its code for them, which
 * it cannot.
 */
const OLDEST_CAPABILITY = [6, 0] as const;

/** What is asked on the way to a card, each only where all before is there. */
export interface CardSystem {
  /** Asks NVIDIA's driver. */
  driver(): DriverReport;
  /** Whether TensorFlow has the code for cards. */
  builtWithCuda(): boolean;
  /** Loads the libraries for cards; those that cannot be. */
  loadLibraries(): readonly MissingLibrary[];
}

/** A card that is ready, or what is missing, with the remedy. */
export type FoundCard =
  | { readonly card: Card; readonly problem?: undefined }
  | { readonly card?: undefined; readonly problem: string };

/**
 * Looks for a card, and for all that TensorFlow needs to use it.
 *
 * @param index The number of the card, from 0.
 * @param system What to ask.
 * @returns The card; or the first thing that is missing, as a clause with what to
 * do about it.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { findCard } from "ldlab/engine/find_card.ts";
 *
 * const card = { name: "Tesla K80", capability: [3, 7], bytes: 12e9 } as const;
 * const { problem } = findCard(0, {
 *   driver: () => ({ version: "12.4", cards: [card] }),
 *   builtWithCuda: () => true,
 *   loadLibraries: () => [],
 * });
 * assert.match(problem!, /Tesla K80.* compute capability 3.7/);
 * ```
 */
export function findCard(index: number, system: CardSystem): FoundCard {
  const { cards, problem } = system.driver();
  if (problem !== undefined) return { problem };
  const card = cards[index];
  if (card === undefined) {
    const there = cards.map(({ name }, i) => `gpu:${i} (${name})`).join(", ");
    return { problem: `there is no gpu:${index}, only ${there}` };
  }
  const [major, minor] = card.capability;
  const [least, leastMinor] = OLDEST_CAPABILITY;
  if (major < least || (major === least && minor < leastMinor)) {
    return {
      problem: `gpu:${index} (${card.name}) is too old: it has the compute ` +
        `capability ${major}.${minor}, and TensorFlow needs ` +
        `${OLDEST_CAPABILITY.join(".")} or higher`,
    };
  }
  if (!system.builtWithCuda()) {
    return {
      problem:
        `gpu:${index} (${card.name}) is there, but the TensorFlow that ` +
        `is installed works on processors only. Run ./ldlab setup --cuda`,
    };
  }
  const missing = system.loadLibraries();
  if (missing.length > 0) {
    const which = missing.map(({ name, wheel, why }) =>
      `${name} of ${wheel} (${why})`
    );
    return {
      problem: `TensorFlow cannot use gpu:${index} (${card.name}) without ` +
        `${which.join(", ")}. Run ./ldlab setup --cuda`,
    };
  }
  return { card };
}
