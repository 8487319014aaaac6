import { setImmediate } from "node:timers/promises";
import { PanelHistory } from "./history.ts";
import type { PanelImage } from "./images.ts";
import type { PanelControl, PanelSettings } from "./settings.ts";
import type { PanelStudent } from "./student.ts";

/** What a panel's training is at. */
export type LoopState = "running" | "paused" | "diverged" | "closed";

/** Training does not go on from where it is. */
export class PanelStateError extends Error {}

/**
 * The training of a panel: it runs, pauses, does single steps and starts again as
 * it is told to, and takes new settings from the next step on.
 */
export class PanelLoop {
  #state: LoopState = "paused";
  #settings: PanelSettings;
  #history = new PanelHistory();
  /** Raised by each restart. */
  #generation = 0;
  #message: string | undefined;
  #secondsPerStep: number | undefined;
  readonly #student: PanelStudent;
  readonly #images: readonly PanelImage[];
  readonly #controls: readonly PanelControl[];
  readonly #evaluateEvery: number;
  #working: Promise<void> = Promise.resolve();
  /** Which training goes on; a pause ends it, whatever is asked for next. */
  #turn = 0;
  /** Whether training goes on after a restart, unless a pause comes between. */
  #goesOn = false;

  /**
   * @param student Who is trained.
   * @param options.images What it is measured on.
   * @param options.controls The sliders.
   * @param options.settings Where they stand.
   * @param options.evaluateEvery Steps between two measures.
   */
  constructor(
    student: PanelStudent,
    { images, controls, settings, evaluateEvery }: {
      images: readonly PanelImage[];
      controls: readonly PanelControl[];
      settings: PanelSettings;
      evaluateEvery: number;
    },
  ) {
    this.#student = student;
    this.#images = images;
    this.#controls = controls;
    this.#settings = settings;
    this.#evaluateEvery = evaluateEvery;
  }

  get state(): LoopState {
    return this.#state;
  }

  get settings(): PanelSettings {
    return this.#settings;
  }

  get history(): PanelHistory {
    return this.#history;
  }

  get generation(): number {
    return this.#generation;
  }

  /** What the user should know of the state. */
  get message(): string | undefined {
    return this.#message;
  }

  /** Of the last steps; none before there are two. */
  get secondsPerStep(): number | undefined {
    return this.#secondsPerStep;
  }

  /** Takes settings that are in order; the next step has them. */
  set(changes: Partial<PanelSettings>): void {
    const settings = { ...this.#settings, ...changes };
    for (const { name, label } of this.#controls) {
      const [from, to] = [this.#settings[name], settings[name]];
      if (from === to || name === "image" || name === "level") continue;
      const { iteration } = this.#student;
      this.#history.addChange({ iteration, label, from, to });
    }
    this.#settings = settings;
  }

  /**
   * Trains until it is told to pause.
   *
   * @throws {PanelStateError} If it diverged or is closed.
   */
  run(): void {
    this.#requireUsable();
    this.#goesOn = false; // it does in any case
    if (this.#state === "running") return;
    this.#state = "running";
    this.#message = undefined;
    const turn = this.#turn;
    this.#queue(() => this.#train(turn));
  }

  /**
   * Stops after the current step.
   *
   * @returns When that is done.
   */
  pause(): Promise<void> {
    this.#goesOn = false;
    return this.#halt();
  }

  /**
   * Pauses, and does a number of steps.
   *
   * @returns When they are done; fewer, if it diverged or was closed meanwhile.
   * @throws {PanelStateError} If it diverged or is closed.
   */
  async step(count: number): Promise<void> {
    this.#requireUsable();
    this.pause();
    await this.#queue(async () => {
      for (let done = 0; done < count && this.#state === "paused"; done++) {
        await this.#oneStep();
      }
    });
  }

  /** Starts again with the same weights and the settings of the moment. */
  async restart(): Promise<void> {
    if (this.#state === "closed") this.#requireUsable();
    if (this.#state === "running") this.#goesOn = true;
    this.#halt();
    await this.#queue(async () => {
      await this.#student.restart();
      this.#history = new PanelHistory();
      this.#generation++;
      this.#message = undefined;
      if (this.#state === "diverged") this.#state = "paused";
    });
    if (!this.#goesOn || this.#state !== "paused") return;
    this.#goesOn = false;
    this.run();
  }

  /** Ends it after the current step. */
  async close(): Promise<void> {
    this.#state = "closed";
    await this.#working;
  }

  /** Ends the training that goes on. */
  #halt(): Promise<void> {
    if (this.#state === "running") this.#state = "paused";
    this.#turn++;
    return this.#working;
  }

  /** One thing after another: steps, trainings, restarts. */
  #queue(work: () => Promise<void>): Promise<void> {
    const done = this.#working.then(work);
    this.#working = done.catch(() => {});
    return done;
  }

  async #train(turn: number): Promise<void> {
    while (this.#state === "running" && this.#turn === turn) {
      const from = performance.now();
      await this.#oneStep();
      const seconds = (performance.now() - from) / 1000;
      const known = this.#secondsPerStep;
      // The first one is recorded.
      if (this.#student.iteration > 1) {
        this.#secondsPerStep = known ? 0.9 * known + 0.1 * seconds : seconds;
      }
      await setImmediate(); // a server gets its turn
    }
  }

  async #oneStep(): Promise<void> {
    try {
      const report = await this.#student.step(this.#settings);
      const { iteration } = this.#student;
      const [bad, value] = Object.entries(report).find(([, value]) =>
        !Number.isFinite(value)
      ) ??
        [];
      if (bad !== undefined) {
        return this.#diverge(
          `Training diverged: '${bad}' is ${value} at step ${iteration}. ` +
            "Lower the learning rate or a weight, and press Restart",
        );
      }
      this.#history.add(iteration, report);
      if (iteration % this.#evaluateEvery !== 0) return;
      const ap = await this.#student.measure(this.#images);
      this.#history.addMeasure({ iteration, ap });
    } catch (error) {
      this.#diverge(`Training failed: ${(error as Error).message}`);
    }
  }

  #diverge(message: string): void {
    this.#message = message;
    if (this.#state !== "closed") this.#state = "diverged";
  }

  #requireUsable(): void {
    if (this.#state === "closed") {
      throw new PanelStateError(
        "Cannot train: the panel is closed: run its cell again",
      );
    }
    if (this.#state === "diverged") {
      throw new PanelStateError(`${this.#message}: it cannot go on`);
    }
  }
}
