/** The losses of one step. */
export interface PanelPoint {
  /** Steps done, from 1. */
  readonly iteration: number;
  /** Weighted losses by name. */
  readonly terms: Readonly<Record<string, number>>;
}

/** How good the student was on the panel's images. */
export interface PanelMeasure {
  readonly iteration: number;
  /** AP in [0, 1]. */
  readonly ap: number;
}

/** A slider that was moved. */
export interface PanelChange {
  /** Steps done before it. */
  readonly iteration: number;
  readonly label: string;
  readonly from: number;
  readonly to: number;
}

/** Points and measures kept; beyond it every second goes, so that a night fits. */
const MOST = 4000;
/** Moves of one slider within so many steps are one. */
const ONE_MOVE = 10;

/** What a panel's curves are drawn from. */
export class PanelHistory {
  points: PanelPoint[] = [];
  /** The last step, also where it is no point that is kept. */
  last: PanelPoint | undefined;
  measures: PanelMeasure[] = [];
  changes: PanelChange[] = [];
  /** Steps between two points that are kept. */
  #every = 1;

  /** Adds a step's losses: what a step reports that is no loss is left out. */
  add(iteration: number, report: Readonly<Record<string, number>>): void {
    const terms = Object.fromEntries(
      Object.entries(report).filter(([name]) =>
        !/^(total|gradientNorm)$|Locations$/.test(name)
      ),
    );
    this.last = { iteration, terms };
    if (iteration % this.#every !== 0) return;
    this.points.push(this.last);
    if (this.points.length <= MOST) return;
    this.#every *= 2;
    this.points = this.points
      .filter(({ iteration }) => iteration % this.#every === 0);
  }

  addMeasure(measure: PanelMeasure): void {
    this.measures.push(measure);
    if (this.measures.length <= MOST) return;
    this.measures = this.measures.filter((_, at) => at % 2 === 0); // and the last
  }

  /** Adds a slider's move; one that goes on is one. */
  addChange(change: PanelChange): void {
    const last = this.changes.at(-1);
    const goesOn = last?.label === change.label &&
      change.iteration - last.iteration <= ONE_MOVE;
    const move = goesOn
      ? { ...change, iteration: last.iteration, from: last.from }
      : change;
    if (goesOn) this.changes.pop();
    if (move.from !== move.to) this.changes.push(move);
  }
}
