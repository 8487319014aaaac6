import { makeAnchors } from "../../lib/boxes/mod.ts";
import {
  edgeGallery,
  type Figure,
  type GalleryEdge,
} from "../../lib/report/mod.ts";
import { boxOfEdges } from "../../lib/report/edge_softening.ts";
import type { RunConfig } from "../config.ts";
import { readSplits } from "../data.ts";
import { edgesAt, searchEdges, type SeenObject } from "../edge_search.ts";
import { imageSource } from "../image_source.ts";
import { stretchedSize } from "../stretched_size.ts";
import type { ImageOutputs } from "../test_outputs.ts";

/** Edges that are shown of each kind. */
const SHOWN = 4;
/** What the detector must be sure of: that there is an object. */
const SURE = 0.5;
/** Pixels from the image's border within which an edge is cut off by it. */
const CUT = 2;

/** An edge of an object, by its entropy. */
interface Edge {
  readonly seen: SeenObject;
  readonly side: number;
  readonly entropy: number;
}

/**
 * The most ambiguous and the sharpest edges of the objects that a detector is
 * sure of, by the entropy of their distributions: one edge an image, at the
 * location of the object with the highest score. Edges that the image cuts off are
 * left out, for they are sharp whatever the object looks like.
 *
 * @param config The config of the detector.
 * @param outputs What it says about the images that are searched.
 * @throws {RangeError} If it is sure of objects in too few images.
 */
export async function ambiguousEdges(
  config: RunConfig,
  outputs: readonly ImageOutputs[],
): Promise<Figure> {
  const { data, model } = config;
  const input = stretchedSize(config);
  const { test } = await readSplits(data, () => {});
  const anchors = makeAnchors(input);
  const seen = await searchEdges(outputs, {
    input,
    numClasses: model.numClasses,
  });
  const edges = bestLocations(seen).flatMap((object) =>
    object.entropies.map((entropy, side): Edge => ({
      seen: object,
      side,
      entropy,
    })).filter(({ side }) => !isCut(object.truth[side], side, input))
  );
  const draw = async ({ seen, side, entropy }: Edge): Promise<GalleryEdge> => {
    const { image, object, anchor, truth } = seen;
    const { record } = outputs[image];
    const logits = edgesAt(outputs[image], { anchor, anchors });
    const location = [
      anchors.centers[anchor * 2],
      anchors.centers[anchor * 2 + 1],
    ] as const;
    const stride = anchors.strides[anchor];
    return {
      image: { source: await imageSource(record), ...input },
      name: record.id,
      object: test.classes[record.labels[object]],
      box: boxOfEdges(logits, location, stride),
      truth,
      side,
      location,
      stride,
      logits: logits[side],
      entropy,
    };
  };
  const sharpest = onePerImage(
    edges.toSorted((a, b) => a.entropy - b.entropy),
  );
  const flattest = onePerImage(
    edges.toSorted((a, b) => b.entropy - a.entropy),
  );
  return edgeGallery([
    {
      name: "The most ambiguous edges",
      edges: await Promise.all(flattest.map(draw)),
    },
    {
      name: "The sharpest edges",
      edges: await Promise.all(sharpest.map(draw)),
    },
  ], {
    title: "Where the teacher doubts an edge, its distribution is flat",
    subtitle: `${data.kind === "voc" ? "BCCD" : "Synthetic"} test images, by ` +
      "the entropy of the teacher's distribution of an edge",
  });
}

/** Whether an edge lies on the border of the image. */
function isCut(
  at: number,
  side: number,
  { width, height }: { width: number; height: number },
): boolean {
  return side < 2 ? at < CUT : at > (side === 2 ? width : height) - CUT;
}

/** The location of each object that the detector is most sure of, if it is. */
function bestLocations(seen: readonly SeenObject[]): SeenObject[] {
  const best = new Map<string, SeenObject>();
  for (const object of seen) {
    const key = `${object.image}, ${object.object}`;
    const other = best.get(key);
    if (!other || object.score > other.score) best.set(key, object);
  }
  const sorted = [...best.values()].sort((a, b) => b.score - a.score);
  const sure = sorted.filter(({ score }) => score > SURE);
  return sure.length > 0 ? sure : sorted;
}

/** The first edges, but no two of one image. */
function onePerImage(edges: readonly Edge[]): Edge[] {
  const images = new Set<number>();
  return edges.filter(({ seen: { image } }) => {
    const first = !images.has(image);
    images.add(image);
    return first;
  }).slice(0, SHOWN);
}
