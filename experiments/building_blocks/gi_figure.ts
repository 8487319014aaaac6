import { GI_DEFAULTS, type GiOptions } from "../../lib/regions/mod.ts";
import { type Figure, giSelection } from "../../lib/report/mod.ts";
import { giPicks, type PairOutputs } from "./gi_picks.ts";
import type { TestPicture } from "./test_picture.ts";

/**
 * What GI selects of an image, from what student and teacher say about it.
 *
 * @param picture The image.
 * @param outputs What each says about it.
 * @param options How many boxes a level, and how far apart.
 */
export async function giFigure(
  picture: TestPicture,
  outputs: PairOutputs,
  options: GiOptions = {},
): Promise<Figure> {
  const { topk = GI_DEFAULTS.topk } = options;
  return giSelection(picture.pyramid, {
    title:
      `GI selects where student and teacher differ most, ${topk} boxes a level at most`,
    ...await giPicks(outputs, picture.anchors, options),
  });
}
