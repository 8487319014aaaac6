/** Mean of each term over the steps of an epoch (of this sitting). */
export class EpochMeans {
  #epoch = -1;
  #steps = 0;
  #sums: Record<string, number> = {};
  readonly #write: (epoch: number, terms: Record<string, number>) => void;

  /** @param write Told of each epoch that {@linkcode EpochMeans.flush} ends. */
  constructor(write: (epoch: number, terms: Record<string, number>) => void) {
    this.#write = write;
  }

  /** Counts a step's terms in. */
  add(epoch: number, terms: Readonly<Record<string, number>>): void {
    this.#epoch = epoch;
    this.#steps++;
    for (const [name, value] of Object.entries(terms)) {
      this.#sums[name] = (this.#sums[name] ?? 0) + value;
    }
  }

  /** Ends the epoch; does nothing where no step was counted. */
  flush(): void {
    if (this.#steps === 0) return;
    const means = Object.entries(this.#sums)
      .map(([name, sum]) => [name, sum / this.#steps]);
    this.#write(this.#epoch, Object.fromEntries(means));
    this.#steps = 0;
    this.#sums = {};
  }
}
