let closed = false;

/** Notes that the engine was closed, or that one was opened. */
export function noteClosed(value: boolean): void {
  closed = value;
}

/**
 * Refuses work after the engine was closed, until one is opened: tfjs itself
 * would go on in pure JavaScript without a word.
 *
 * @param what Completes "Cannot …" in the error.
 */
export function refuseClosed(what: string): void {
  if (!closed) return;
  throw new Error(
    `Cannot ${what}: the engine was closed. Open it again with openEngine()`,
  );
}
