/** Watches how long timers wait, by what goes on. */
export interface EventLoopWatch {
  /** What goes on from now on. */
  phase: string;
  /** Says that only the gap that is open now belongs to another phase. */
  next(phase: string): void;
  /** Stops watching. */
  end(): ReadonlyMap<string, readonly number[]>;
}

/**
 * Runs a 5 ms timer and notes the milliseconds between its ticks.
 *
 * @param phase What goes on at the start.
 */
export function watchEventLoop(phase: string): EventLoopWatch {
  const gaps = new Map<string, number[]>();
  let last = performance.now();
  let only: string | undefined;
  const timer = setInterval(() => {
    const now = performance.now();
    const of = only ?? watch.phase;
    const known = gaps.get(of) ?? [];
    known.push(now - last);
    gaps.set(of, known);
    last = now;
    only = undefined;
  }, 5);
  const watch = {
    phase,
    next: (phase: string) => void (only = phase),
    end: () => {
      clearInterval(timer);
      return gaps;
    },
  };
  return watch;
}
