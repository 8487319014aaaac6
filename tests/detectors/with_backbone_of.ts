/** A detector's weights and statistics, but for those of another's backbone. */
export function withBackboneOf<Weight>(
  theirs: ReadonlyMap<string, Weight>,
  own: ReadonlyMap<string, Weight>,
): Map<string, Weight> {
  return new Map(
    Array.from(own, ([name, weight]) => [
      name,
      name.startsWith("backbone.") ? theirs.get(name)! : weight,
    ]),
  );
}
