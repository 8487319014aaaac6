import { assignAtss } from "../../lib/regions/mod.ts";
import { type LabelRegion, labelRegion } from "../../lib/regions/mod.ts";
import { type Figure, regionMap } from "../../lib/report/mod.ts";
import type { TestPicture } from "./test_picture.ts";

/** γ of the slider, the released one among them. */
const GAMMAS = [1, 0.75, 0.5, 0.25, 0];

/** The weights of a region over a picture. */
function weightsOf(region: LabelRegion, picture: TestPicture): Float32Array {
  const { anchors, gt, imageSize, numClasses } = picture;
  const assignment = assignAtss(anchors, gt, { numClasses });
  return labelRegion(region, { anchors, gt, assignment, imageSize });
}

/** The VLR over γ, with the measure of the paper and with the released one. */
export function vlrFigure(picture: TestPicture): Figure {
  const measures = [
    ["diou", "measure diou, as the paper writes it"],
    ["diof", "measure diof, as it was released: intersection over the anchor"],
  ] as const;
  return regionMap(picture.pyramid, {
    title: "The valuable localization region (VLR) over γ",
    regions: measures.map(([measure, name]) => ({
      name,
      weights: GAMMAS.map((gamma) =>
        weightsOf({ kind: "vlr", measure, gamma }, picture)
      ),
    })),
    states: {
      prefix: "γ = ",
      labels: GAMMAS.map(String),
      open: GAMMAS.indexOf(0.25),
    },
  });
}
