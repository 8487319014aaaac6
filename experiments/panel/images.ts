// A anchors of all levels, C classes, n bins.
import * as tf from "@tensorflow/tfjs-core";
import { makeAnchors } from "../../lib/boxes/mod.ts";
import {
  createEvaluationBatches,
  type Dataset,
  type EvaluationBatch,
} from "../../lib/data/mod.ts";
import type { Detector } from "../../lib/detectors/mod.ts";
import {
  type BatchLogits,
  openBatchLogits,
} from "../../lib/eval/batch_logits.ts";
import type { EdgeExample } from "../../lib/report/mod.ts";
import type { TestPicture } from "../building_blocks/test_picture.ts";
import type { RunConfig } from "../config.ts";
import { edgesAt, searchEdges, type SeenObject } from "../edge_search.ts";
import { imageSource, inputBoxes } from "../image_source.ts";
import { stretchedSize } from "../stretched_size.ts";
import type { ImageOutputs } from "../test_outputs.ts";

/** A test image of a panel. */
export interface PanelImage {
  /** The picture as a data address. */
  readonly source: string;
  /** The network's input. */
  readonly batch: EvaluationBatch;
  readonly record: ImageOutputs["record"];
  /** What the teacher says. */
  readonly teacher: ImageOutputs;
  /** The box that is looked at, which the teacher doubts most. */
  readonly seen: SeenObject;
  readonly picture: TestPicture;
}

/** What the teacher must be sure of: that there is an object. */
const SURE = 0.5;

/**
 * Opens the test images of a panel, and lets the teacher look at them.
 *
 * @param teacher The detector; stays the caller's.
 * @param config Of the student.
 * @param test The test split; its first images with objects are taken.
 * @param count How many, at least 1.
 * @param address How the panel's page gets the picture of an index.
 * @throws {RangeError} If there is no such image.
 */
export async function openPanelImages(
  teacher: Detector,
  { input, model }: RunConfig,
  { test, count, address }: {
    test: Dataset;
    count: number;
    address: (index: number) => string;
  },
): Promise<readonly PanelImage[]> {
  const size = stretchedSize({ input });
  const anchors = makeAnchors(size);
  const records = test.images.filter(({ labels }) => labels.length > 0)
    .slice(0, count);
  const dataset = { ...test, images: records };
  const { prepare } = createEvaluationBatches({ dataset, input, batchSize: 1 });
  const pass = openBatchLogits(teacher);
  const images: PanelImage[] = [];
  try {
    for (const [index, record] of records.entries()) {
      const batch = await prepare(index);
      const said = { record, ...await logitsOf(pass, batch) };
      const seen = mostDoubtful(
        await searchEdges([said], {
          input: size,
          numClasses: model.numClasses,
        }),
      );
      if (!seen) continue;
      const boxes = inputBoxes(record, size);
      images.push({
        source: await imageSource(record),
        ...{ batch, record, teacher: said, seen },
        picture: {
          index,
          ...{ imageSize: size, anchors, numClasses: model.numClasses },
          gt: { boxes, labels: record.labels },
          pyramid: {
            image: { source: address(images.length), ...size },
            name: record.id,
            truth: Array.from(
              record.labels,
              (_, box) => boxes.subarray(box * 4, box * 4 + 4),
            ),
            levels: anchors.levels.map(({ stride, height, width }) => ({
              name: `P${Math.log2(stride)}`,
              ...{ stride, height, width },
            })),
          },
        },
      });
    }
  } finally {
    pass.dispose();
  }
  if (images.length > 0) return images;
  throw new RangeError(
    `Cannot open the panel: none of the ${test.images.length} test images of ` +
      `${test.name} has an object that a location learns`,
  );
}

/** What a compiled pass says about the one image of a batch. */
export async function logitsOf(
  pass: BatchLogits,
  { images, size: { height, width } }: EvaluationBatch,
) {
  const tensor = tf.tensor4d(images, [1, height, width, 3]);
  try {
    const [said] = await pass.of(tensor);
    return said;
  } finally {
    tensor.dispose();
  }
}

/** What both detectors say about the edges of the box that is looked at. */
export function exampleOf(
  { picture: { pyramid, anchors }, seen, teacher }: PanelImage,
  student: ImageOutputs,
): EdgeExample {
  const { anchor, truth } = seen;
  const at = { anchor, anchors };
  return {
    image: pyramid.image,
    name: pyramid.name,
    location: [anchors.centers[anchor * 2], anchors.centers[anchor * 2 + 1]],
    stride: anchors.strides[anchor],
    truth,
    models: [
      { name: "teacher", logits: edgesAt(teacher, at) },
      { name: "student", logits: edgesAt(student, at) },
    ],
  };
}

/** The object with the edge of highest entropy, among those that are sure. */
function mostDoubtful(objects: readonly SeenObject[]): SeenObject | undefined {
  const sure = objects.filter(({ score }) => score > SURE);
  const doubt = ({ entropies }: SeenObject) => Math.max(...entropies);
  return (sure.length > 0 ? sure : objects).toSorted((a, b) =>
    doubt(b) - doubt(a)
  )[0];
}
