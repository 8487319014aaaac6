/** Lists, tuples, sets and dictionaries that hold more may be this deep. */
const DEEPEST = 200;

/**
 * Refuses data that whoever walks it would not get to the end of: nested too
 * deeply, holding itself, or small only because the same part is shared over
 * and over. It needs no recursion itself, and looks at each part once.
 *
 * @param value Arrays, maps and sets of anything.
 * @param most How many values there may be with each shared part counted as
 * often as it is met.
 * @param bad Makes the error.
 */
export function checkNesting(
  value: unknown,
  most: number,
  bad: (why: string) => Error,
): void {
  // What is below each finished container; "open" ones are being walked.
  const known = new Map<object, { depth: number; size: number } | "open">();
  const path: {
    container: object;
    rest: Iterator<unknown>;
    depth: number;
    size: number;
  }[] = [];

  const enter = (child: unknown) => {
    const rest = parts(child);
    if (!rest) {
      count(1, 0);
      return;
    }
    const found = known.get(child as object);
    if (found === "open") throw bad("it holds itself");
    if (found) {
      count(found.size, found.depth);
      return;
    }
    known.set(child as object, "open");
    path.push({ container: child as object, rest, depth: 1, size: 1 });
    if (path.length > DEEPEST) {
      throw bad(`it is nested more than ${DEEPEST} deep`);
    }
  };
  const count = (size: number, depth: number) => {
    const parent = path.at(-1);
    if (!parent) return;
    parent.size += size;
    parent.depth = Math.max(parent.depth, depth + 1);
    if (parent.size > most) {
      throw bad(`it unfolds to more than ${most} values`);
    }
    if (parent.depth > DEEPEST) {
      throw bad(`it is nested more than ${DEEPEST} deep`);
    }
  };

  enter(value);
  while (path.length > 0) {
    const { container, rest, depth, size } = path.at(-1)!;
    const next = rest.next();
    if (!next.done) {
      enter(next.value);
      continue;
    }
    path.pop();
    known.set(container, { depth, size });
    count(size, depth);
  }
}

/** What a container holds; undefined where it is none. */
function parts(value: unknown): Iterator<unknown> | undefined {
  if (Array.isArray(value) || value instanceof Set) {
    return value[Symbol.iterator]();
  }
  if (value instanceof Map) return bothOf(value);
}

function* bothOf(map: ReadonlyMap<unknown, unknown>) {
  for (const [key, value] of map) {
    yield key;
    yield value;
  }
}
