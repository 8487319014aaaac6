import { makeTable, type Table } from "../../lib/report/mod.ts";
import type { PanelHistory } from "./history.ts";
import type { PanelControl, PanelSettings } from "./settings.ts";

/**
 * Where the sliders of a panel stand, as a table.
 *
 * @param controls The sliders.
 * @param settings Their values.
 * @param options.history What the last AP is taken from.
 * @param options.steps How many steps are done.
 * @param options.teacherAp The teacher's AP on the same images, in [0, 1].
 */
export function stateTable(
  controls: readonly PanelControl[],
  settings: PanelSettings,
  { history, steps, teacherAp }: {
    history: PanelHistory;
    steps: number;
    teacherAp: number;
  },
): Table {
  const measure = history.measures.at(-1);
  const percent = (ap: number) => (100 * ap).toFixed(1);
  return makeTable({
    title: "Where the sliders stand",
    columns: [
      { heading: "", kind: "text" },
      { heading: "now", kind: "number" },
      { heading: "from", kind: "number" },
      { heading: "to", kind: "number" },
    ],
    rows: controls.map(({ name, label, lowest, highest }) => [
      label,
      ...[settings[name], lowest, highest].map((value) =>
        name === "level" ? `P${value}` : `${Number(value.toPrecision(4))}`
      ),
    ]),
    notes: [
      measure
        ? `${steps} steps; AP ${
          percent(measure.ap)
        } after ${measure.iteration} ` +
          `of them, the teacher's ${percent(teacherAp)}.`
        : `${steps} steps; the teacher's AP ${percent(teacherAp)}.`,
    ],
  });
}
