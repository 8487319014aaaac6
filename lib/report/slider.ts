/** One state of a figure, as a slider turns to it. */
export interface SliderStep {
  readonly label: string;
  /** What plotly does: `restyle` changes traces, `update` the layout too. */
  readonly method: "restyle" | "update";
  /** The changes, as plotly takes them. */
  readonly args: readonly unknown[];
}

/**
 * A slider in the common look, below the plot. Its states are in the figure, so
 * it moves without a kernel.
 *
 * Use it as `layout.sliders: [slider(…)]`, with `layout.meta.controls` the pixels
 * that only it uses, so that `stillFigure` can take them away.
 *
 * @param prefix what stands before the label of the state that is shown
 * @param options
 * - `open`: index of the state in which the figure opens
 * - `top`: pixels between the plot and the slider, for the axis between them
 * - `steps`: the states
 * @returns a plotly slider
 *
 * @example
 * ```ts
 * import { slider } from "ldlab/report/slider.ts";
 * import assert from "node:assert/strict";
 *
 * const step = { label: "10", method: "restyle", args: [{ y: [[1, 2]] }] } as const;
 * assert.equal(slider("τ = ", { open: 0, top: 58, steps: [step] }).active, 0);
 * ```
 */
export function slider(
  prefix: string,
  { open, top, steps }: {
    open: number;
    top: number;
    steps: readonly SliderStep[];
  },
): Record<string, unknown> & { steps: readonly SliderStep[] } {
  return {
    active: open,
    x: 0,
    len: 1,
    xanchor: "left",
    y: 0,
    yanchor: "top",
    pad: { t: top, b: 0, l: 8, r: 8 },
    currentvalue: { prefix, font: { size: 15 } },
    font: { size: 13 },
    steps,
  };
}
