import type { Display, Figure, Table } from "../../lib/report/mod.ts";
import type { PanelAddress } from "./address.ts";
import { closedFrame } from "./frame.ts";
import type { PanelImage } from "./images.ts";
import { PanelLoop } from "./loop.ts";
import { type PanelServer, servePanel } from "./server.ts";
import {
  checkSettings,
  type PanelControl,
  type PanelSettings,
} from "./settings.ts";
import { stateTable } from "./state_table.ts";
import type { PanelStudent } from "./student.ts";
import { PanelViews } from "./views.ts";

/** What a panel is made of. */
export interface PanelParts {
  readonly student: PanelStudent;
  readonly images: readonly PanelImage[];
  /** The teacher's AP on them, in [0, 1]. */
  readonly teacherAp: number;
  readonly controls: readonly PanelControl[];
  readonly settings: PanelSettings;
  readonly evaluateEvery: number;
  readonly address: PanelAddress;
  readonly display: Display;
  /** Gives the signal of the next stop. */
  readonly stop: () => AbortSignal;
  /** Frees the student and all it needs, when the training has ended. */
  readonly free: () => Promise<void>;
}

/** A panel that is open; `panel()` opens one. */
export class LivePanel {
  /** Where its page is, with the token. */
  readonly address: string;
  readonly #parts: PanelParts;
  readonly #loop: PanelLoop;
  readonly #views: PanelViews;
  readonly #server: PanelServer;
  /** One for all runs, so that a signal has it once. */
  readonly #onStop = () => void this.pause();
  /** Takes it away from the signal of a stop that never comes. */
  readonly #ended = new AbortController();
  #closing: Promise<void> | undefined;

  constructor(parts: PanelParts) {
    const { student, images } = parts;
    this.#parts = parts;
    this.#loop = new PanelLoop(student, parts);
    this.#views = new PanelViews(this.#loop, student, parts);
    this.#server = servePanel({
      state: (known) => this.#state(known),
      picture: (index) => images[index]?.source,
      set: (given) => this.set(given as Partial<PanelSettings>),
      run: () => this.run(),
      pause: () => this.pause(),
      step: (count) => this.step(count),
      restart: () => this.restart(),
    }, parts.address);
    this.address = this.#server.address;
  }

  /** Steps done since the start. */
  get steps(): number {
    return this.#parts.student.iteration;
  }

  get state(): PanelLoop["state"] {
    return this.#loop.state;
  }

  /** Where the sliders stand. */
  get settings(): PanelSettings {
    return this.#loop.settings;
  }

  /** The weighted losses of the last step, by name; none before the first. */
  get losses(): Readonly<Record<string, number>> | undefined {
    return this.#loop.history.last?.terms;
  }

  /**
   * Moves sliders; the next step has the new values.
   *
   * @throws {RangeError | TypeError} If one is not in order; then none moves.
   */
  set(settings: Partial<PanelSettings>): void {
    this.#loop.set(checkSettings(settings, this.#parts.controls));
  }

  /**
   * Trains until it is told to pause, or the notebook's Stop button is pressed.
   *
   * @throws {Error} If training diverged, or the panel is closed.
   */
  run(): void {
    this.#loop.run();
    this.#parts.stop().addEventListener("abort", this.#onStop, {
      once: true,
      signal: this.#ended.signal,
    });
  }

  /**
   * Stops after the current step.
   *
   * @returns When that is done.
   */
  pause(): Promise<void> {
    return this.#loop.pause();
  }

  /**
   * Pauses, and does a number of steps.
   *
   * @param count 1 unless given.
   * @returns When they are done.
   * @throws {Error} If training diverged, or the panel is closed.
   */
  step(count = 1): Promise<void> {
    return this.#loop.step(count);
  }

  /** Starts again with the same weights, and the sliders as they stand. */
  restart(): Promise<void> {
    return this.#loop.restart();
  }

  /** The curves so far, to be shown or exported. */
  figure(): Figure {
    return this.#views.curves();
  }

  /** Where the sliders stand, and the AP so far. */
  table(): Table {
    const { controls, teacherAp } = this.#parts;
    const { settings, history } = this.#loop;
    return stateTable(controls, settings, {
      ...{ history, steps: this.steps, teacherAp },
    });
  }

  /** Ends the server and the training, and frees all tensors. */
  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    this.#ended.abort();
    this.pause();
    await this.#server.close();
    await this.#loop.close();
    await this.#parts.free();
    await this.#parts.display.put(closedFrame(this.steps));
  }

  /** What the page shows. */
  async #state(known: Readonly<Record<string, string>> | null) {
    const { state, message, settings, secondsPerStep, history } = this.#loop;
    const { student, teacherAp, controls } = this.#parts;
    return {
      ...{ state, message, settings, controls, teacherAp },
      step: this.steps,
      secondsPerStep,
      ap: history.measures.at(-1)?.ap,
      recordings: student.recordings,
      figures: known ? await this.#views.changed(known) : {},
    };
  }
}
