/**
 * Seeded random numbers on the host.
 *
 * @module
 */
export * from "./random.ts";
