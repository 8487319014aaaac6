/** Relative difference at which two float32 computations still agree. */
const TOLERANCE = 1e-3;

/**
 * Requires that ours and a peer computed the same, before they are timed.
 *
 * @param ours Numbers by name, for example losses.
 * @param theirs The peer's, of the same names.
 * @param tolerance Largest difference, relative to the peer's value.
 * @throws {Error} If a name is missing or two values differ: the row is not
 * measured then.
 */
export function requireAgreement(
  ours: Readonly<Record<string, number>>,
  theirs: Readonly<Record<string, number>>,
  tolerance = TOLERANCE,
): void {
  const names = new Set([...Object.keys(ours), ...Object.keys(theirs)]);
  for (const name of names) {
    const [a, b] = [ours[name], theirs[name]];
    if (Math.abs(a - b) <= tolerance * Math.abs(b)) continue;
    throw new Error(
      `the two sides do not do the same: ${name} is ${a} here and ${b} there`,
    );
  }
}
