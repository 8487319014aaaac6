import {
  assignAtss,
  assignFcos,
  assignMaxIou,
  type LabelRegion,
  labelRegion,
} from "../../lib/regions/mod.ts";
import {
  type Figure,
  makeTable,
  regionMap,
  type Table,
} from "../../lib/report/mod.ts";
import type { TestPicture } from "./test_picture.ts";

/** A region under the name that a figure gives it. */
interface NamedRegion {
  readonly name: string;
  readonly region: LabelRegion;
}

const MAIN: NamedRegion = {
  name: "Main region: positives of ATSS",
  region: { kind: "main" },
};

/** Where a localization loss looks. */
export const LOCALIZATION_REGIONS: readonly NamedRegion[] = [
  MAIN,
  {
    name: "VLR as the paper writes it (DIoU, 0 or 1)",
    region: {
      kind: "vlr",
      measure: "diou",
      weight: "mask",
      positives: "removed",
    },
  },
  {
    name: "VLR as released (over the anchor's area, weighted by IoU)",
    region: { kind: "vlr" },
  },
  {
    name: "VLR of RetinaNet: without its positives by max IoU",
    region: { kind: "retinaVlr" },
  },
  {
    name: "VLR of FCOS: inside a box, without its positives",
    region: { kind: "fcosVlr" },
  },
];

/** Where features are imitated. */
export const IMITATION_REGIONS: readonly NamedRegion[] = [
  { name: "FitNets: all locations", region: { kind: "all" } },
  { name: "Inside a true box", region: { kind: "gtBox" } },
  MAIN,
  {
    name: "DeFeat's objects: inside a box, on the level of its size",
    region: {
      kind: "gtBox",
      rule: "ownLevel",
    },
  },
  {
    name: "DeFeat's background: the rest",
    region: {
      kind: "background",
      rule: "ownLevel",
    },
  },
  {
    name: "Fine-grained: anchors near an object",
    region: { kind: "fineGrained" },
  },
];

/** FGD's weights, too unlike for the colours of one figure. */
const FGD_REGIONS: readonly NamedRegion[] = [
  {
    name: "FGD's objects: each weighs as much whatever its size",
    region: { kind: "fgdForeground" },
  },
  {
    name: "FGD's background: each level weighs 1",
    region: { kind: "fgdBackground" },
  },
];

/** The weights of a region over a picture. */
export function weightsOf(
  region: LabelRegion,
  picture: TestPicture,
): Float32Array {
  const { anchors, gt, imageSize, numClasses } = picture;
  const assign = region.kind === "retinaVlr"
    ? assignMaxIou
    : region.kind === "fcosVlr"
    ? assignFcos
    : assignAtss;
  const assignment = assign(anchors, gt, { numClasses });
  return labelRegion(region, { anchors, gt, assignment, imageSize });
}

/**
 * The VLR over γ, with the measure of the paper and with the released one.
 *
 * @param picture The image.
 * @param gammas γ of the slider; the figure opens at 0.25 where that is among
 * them, else at the first.
 */
export function vlrFigure(
  picture: TestPicture,
  gammas: readonly number[],
): Figure {
  const measures = [
    ["diou", "By DIoU, as the paper writes it"],
    [
      "diof",
      "By the released measure, which divides by the anchor's area only",
    ],
  ] as const;
  return regionMap(picture.pyramid, {
    title: "The valuable localization region (VLR) grows as γ falls",
    regions: measures.map(([measure, name]) => ({
      name,
      weights: gammas.map((gamma) =>
        weightsOf({ kind: "vlr", measure, gamma }, picture)
      ),
    })),
    states: {
      prefix: "γ = ",
      labels: gammas.map(String),
      open: Math.max(gammas.indexOf(0.25), 0),
    },
  });
}

/** Regions over a picture, a row each. */
export function regionsFigure(
  picture: TestPicture,
  { title, regions }: { title: string; regions: readonly NamedRegion[] },
): Figure {
  return regionMap(picture.pyramid, {
    title,
    regions: regions.map(({ name, region }) => ({
      name,
      weights: [weightsOf(region, picture)],
    })),
  });
}

/** How many locations of each level belong to each region. */
export function regionsTable(picture: TestPicture): Table {
  const { levels, name, truth } = picture.pyramid;
  const sizes = picture.anchors.levels;
  return makeTable({
    title: "Locations of each region",
    columns: [
      { heading: "", kind: "text" },
      ...levels.map(({ name }) =>
        ({ heading: name, kind: "number", digits: 0 }) as const
      ),
      { heading: "all", kind: "number", digits: 0 },
      { heading: "sum of weights", kind: "number" },
    ],
    rows: [
      ...new Set([
        ...LOCALIZATION_REGIONS,
        ...IMITATION_REGIONS,
        ...FGD_REGIONS,
      ]),
    ].map(({ name, region }) => {
      const weights = weightsOf(region, picture);
      const counts = sizes.map(({ start, count }) =>
        weights.subarray(start, start + count)
          .reduce((sum, weight) => sum + (weight > 0 ? 1 : 0), 0)
      );
      return [
        name,
        ...counts,
        counts.reduce((sum, count) => sum + count, 0),
        weights.reduce((sum, weight) => sum + weight, 0),
      ];
    }),
    notes: [`${name}, ${truth.length} object(s).`],
  });
}
