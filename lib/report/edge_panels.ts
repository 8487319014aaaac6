import { sideNames } from "./edge_softening.ts";
import { axis } from "./figure.ts";

/** Axes 2 to 5: left and top above right and bottom, all with one y scale. */
export function edgePanelAxes(stride: number, bins: number, top: number) {
  const columns = [[0.515, 0.737], [0.778, 1]];
  const lines = [[0.56, 0.95], [0, 0.39]];
  const axes: Record<string, unknown> = {};
  sideNames.forEach((_side, side) => {
    const [column, line] = [side % 2, side >> 1];
    const number = side + 2;
    axes[`xaxis${number}`] = axis(
      line === 1 ? `distance in strides of ${stride} px` : "",
      {
        anchor: `y${number}`,
        domain: columns[column],
        range: [-0.5, bins - 0.5],
        dtick: 4,
      },
    );
    axes[`yaxis${number}`] = axis(column === 0 ? "probability" : "", {
      anchor: `x${number}`,
      domain: lines[line],
      range: [0, top],
      nticks: 5,
      ...(side > 0 ? { matches: "y2" } : {}),
      ...(column === 1 ? { showticklabels: false } : {}),
    });
  });
  return axes;
}
