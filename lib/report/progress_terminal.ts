import type { ProgressState, ProgressView } from "./progress.ts";
import { activityName, progressLine, TimeLeft } from "./progress_line.ts";
import { textWidth } from "./text_width.ts";

/** Where the lines go. */
export interface LineOutput {
  /** Whether a line can be drawn again in its place. */
  readonly isTerminal: boolean;
  /** Cells of a line; 0 where the terminal does not tell. */
  readonly columns: number;
  write(text: string): void;
}

/** Seconds between two lines of a terminal, and of a log. */
const pauses = { terminal: 0.1, log: 10 };

/** Cells that a name keeps in any terminal. */
const LEAST_NAME = 12;

/**
 * One line that renews itself in a terminal, or a line now and then in a log.
 *
 * Use {@link openProgress}, which takes it outside of notebooks. It writes to
 * standard error, so that the results on standard output can be piped.
 *
 * @param output standard error by default
 * @param clock seconds, steady
 *
 * @example
 * ```ts
 * import { TerminalProgress } from "ldlab/report/progress_terminal.ts";
 * import assert from "node:assert/strict";
 *
 * let log = "";
 * const output = { isTerminal: false, columns: 80, write: (text: string) => void (log += text) };
 * const progress = new TerminalProgress(output);
 * progress.update({ levels: [], step: 1, steps: 2 });
 * await progress.close("2 steps in 1 s");
 * assert.equal(log, "step 1/2\n2 steps in 1 s\n");
 * ```
 */
export class TerminalProgress implements ProgressView {
  readonly #output: LineOutput;
  readonly #clock: () => number;
  readonly #left = new TimeLeft();
  #drawnAt = -Infinity;
  #turn = "";
  #activity: string | undefined;
  #waiting: ProgressState | undefined;

  constructor(
    output: LineOutput = standardError(),
    clock: () => number = () => performance.now() / 1000,
  ) {
    this.#output = output;
    this.#clock = clock;
  }

  update(state: ProgressState): Promise<void> {
    const now = this.#clock();
    this.#left.at(state, now);
    this.#waiting = state;
    const { isTerminal } = this.#output;
    const turn = state.levels.map(({ index }) => index).join();
    const activity = activityName(state);
    const begins = activity !== undefined && activity !== this.#activity;
    this.#activity = activity;
    const pause = isTerminal ? pauses.terminal : pauses.log;
    const early = now - this.#drawnAt < pause && turn === this.#turn;
    this.#turn = turn;
    if (!early || begins) this.#draw(state, now);
    return Promise.resolve();
  }

  close(message?: string): Promise<void> {
    const { isTerminal } = this.#output;
    if (message !== undefined) {
      this.#output.write(isTerminal ? `\r\x1b[2K${message}\n` : `${message}\n`);
      return Promise.resolve();
    }
    if (this.#waiting) this.#draw(this.#waiting, this.#clock());
    if (isTerminal && this.#drawnAt > -Infinity) this.#output.write("\n");
    return Promise.resolve();
  }

  #draw(state: ProgressState, now: number): void {
    this.#waiting = undefined;
    this.#drawnAt = now;
    const left = this.#left.at(state, now);
    const { isTerminal, columns } = this.#output;
    this.#output.write(
      // Back to the first column, clear the line, draw what fits in it.
      isTerminal
        ? `\r\x1b[2K${fittingLine(state, left, (columns || 80) - 1)}`
        : `${progressLine(state, left)}\n`,
    );
  }
}

/**
 * A line in a terminal's width. Where it has no room for a long name, the name is
 * cut, and not the time that is left behind it.
 */
function fittingLine(
  state: ProgressState,
  left: number | null,
  columns: number,
): string {
  const { terms: _terms, imagesPerSecond: _speed, ...facts } = state;
  const room = columns - " …".length;
  const missing = textWidth(progressLine(facts, left)) - room;
  const longest = Math.max(
    ...state.levels.map(({ name = "" }) => textWidth(name)),
  );
  const width = Math.max(LEAST_NAME, longest - Math.max(0, missing));
  const levels = state.levels.map((level) =>
    level.name ? { ...level, name: cut(level.name, width) } : level
  );
  return cut(progressLine({ ...state, levels }, left), columns);
}

function cut(line: string, columns: number): string {
  if (textWidth(line) <= columns) return line;
  let kept = line;
  while (kept !== "" && textWidth(kept) > columns - 1) kept = kept.slice(0, -1);
  return `${kept}…`;
}

function standardError(): LineOutput {
  const encoder = new TextEncoder();
  const isTerminal = Deno.stderr.isTerminal();
  return {
    isTerminal,
    get columns() {
      return isTerminal ? Deno.consoleSize().columns : 80;
    },
    write: (text) => void Deno.stderr.writeSync(encoder.encode(text)),
  };
}
