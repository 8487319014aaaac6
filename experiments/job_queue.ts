/** Hands out jobs to several at once, each when those before it allow it. */
export class JobQueue {
  /** Those that no one has begun, in their order. */
  readonly #pending: Set<number>;
  readonly #running = new Set<number>();
  readonly #lost = new Set<number>();
  readonly #needs: readonly (number | undefined)[];
  #wake = Promise.withResolvers<void>();

  /**
   * @param jobs The jobs' numbers, in the order in which they are wanted.
   * @param needs By number, which one must be over before it begins, if any.
   */
  constructor(
    jobs: readonly number[],
    needs: readonly (number | undefined)[],
  ) {
    this.#pending = new Set(jobs);
    this.#needs = needs;
  }

  /**
   * The next job that may begin; waits for one where there will be.
   *
   * @returns Its number, to be handed back by `done()` or `lose()`, or
   * `undefined` if none is left.
   */
  async take(): Promise<number | undefined> {
    while (this.#pending.size > 0) {
      for (const job of this.#pending) {
        const need = this.#needs[job];
        if (need !== undefined && this.#isOpen(need)) continue;
        this.#pending.delete(job);
        this.#running.add(job);
        return job;
      }
      await this.#wake.promise;
    }
  }

  /** Notes that a job is over. */
  done(job: number): void {
    this.#running.delete(job);
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
  }

  /**
   * Notes that a job came to nothing: those that need it are not begun.
   *
   * @returns These.
   */
  lose(job: number): number[] {
    this.#lost.add(job);
    const others: number[] = [];
    // In their order: what needs one comes after it.
    for (const other of this.#pending) {
      const need = this.#needs[other];
      if (need === undefined || !this.#lost.has(need)) continue;
      this.#lost.add(other);
      this.#pending.delete(other);
      others.push(other);
    }
    this.done(job);
    return others;
  }

  /** Lets no job begin any more. */
  close(): void {
    this.#pending.clear();
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
  }

  #isOpen(job: number): boolean {
    return this.#pending.has(job) || this.#running.has(job);
  }
}
