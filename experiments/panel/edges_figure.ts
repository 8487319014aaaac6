import {
  baseLayout,
  edgeDistributions,
  type Figure,
  stillFigure,
} from "../../lib/report/mod.ts";
import type { ImageOutputs } from "../test_outputs.ts";
import { exampleOf, type PanelImage } from "./images.ts";

/**
 * What teacher and student say about the edges of one box, softened as in the
 * loss.
 *
 * @param image Which image.
 * @param student What the student says about it.
 * @param temperature τ.
 */
export function edgesFigure(
  image: PanelImage,
  student: ImageOutputs,
  temperature: number,
): Figure {
  const example = exampleOf(image, student);
  const { data, layout } = stillFigure(
    edgeDistributions(example, { temperatures: [temperature], temperature }),
  );
  const titled = (axis: string, text: string) => [
    axis,
    { ...layout[axis], title: { ...layout[axis].title, text } },
  ];
  return {
    data,
    layout: {
      ...layout,
      // Short, for the panels are narrow.
      ...Object.fromEntries([
        titled("xaxis4", `strides of ${example.stride} px`),
        titled("xaxis5", `strides of ${example.stride} px`),
        titled("yaxis2", ""),
        titled("yaxis4", ""),
      ]),
      ...baseLayout({
        title: `Edge probabilities of one box at τ = ${temperature}`,
        width: 540,
        height: 460,
        margin: { l: 16, r: 16, t: 92, b: 60 },
      }),
    },
  };
}
