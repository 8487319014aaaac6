import type {
  CocoDetections,
  CocoGroundTruth,
} from "ldlab/eval/coco_images.ts";

/** An image, category, annotation or result of COCO's JSON. */
export interface CocoRow {
  id: number;
  image_id: number;
  category_id: number;
  bbox: [number, number, number, number];
  area: number;
  iscrowd: number;
  score: number;
}

/** Ground truth and results of COCO's JSON, as golden files hold them. */
export interface CocoInputs {
  gt: { images: CocoRow[]; categories: CocoRow[]; annotations: CocoRow[] };
  dt: CocoRow[];
}

/** COCO's JSON as images in the order of their ids, classes likewise. */
export function imagesOf({ gt, dt }: CocoInputs): {
  truth: CocoGroundTruth[];
  found: CocoDetections[];
  classes: number[];
} {
  const ids = (rows: CocoRow[]) =>
    rows.map(({ id }) => id).sort((a, b) => a - b);
  const classes = ids(gt.categories);
  const fields = (rows: CocoRow[], image: number) => {
    const own = rows.filter((row) => row.image_id === image);
    return {
      boxes: own.flatMap(({ bbox: [x, y, w, h] }) => [x, y, x + w, y + h]),
      labels: own.map((row) => classes.indexOf(row.category_id)),
      areas: own.map((row) => row.area),
      crowd: own.map((row) => row.iscrowd),
      scores: own.map((row) => row.score),
    };
  };
  const images = ids(gt.images);
  return {
    truth: images.map((image) => {
      const { scores: _, ...truth } = fields(gt.annotations, image);
      return truth;
    }),
    found: images.map((image) => {
      const { boxes, labels, scores } = fields(dt, image);
      return { boxes, labels, scores };
    }),
    classes,
  };
}
