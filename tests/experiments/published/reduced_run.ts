/** Published runs of a few seconds: the same structure, narrow, of few images. */
import { basename } from "node:path";
import { readVoc } from "ldlab/data/mod.ts";
import {
  type BackboneConfig,
  createDetector,
  type DetectorConfig,
  exportWeights,
} from "ldlab/detectors/mod.ts";
import { type WeightSource, writeTorchStateDict } from "ldlab/train/mod.ts";
import type { RunConfig } from "../../../experiments/config.ts";
import { projectFolder } from "../../../experiments/project.ts";

const CELLS = `${projectFolder}/data/bccd`;
const classes = ["RBC", "WBC", "Platelets"];

/** Puts a few blood cells in a folder, laid out as COCO and as VOC 07 and 12. */
export async function fewCells(folder: string): Promise<void> {
  const { images } = await readVoc(CELLS, { split: "test", classes });
  for (const year of ["VOC2007", "VOC2012", "coco"]) {
    await Deno.mkdir(`${folder}/${year}/ImageSets/Main`, { recursive: true });
    for (const part of ["JPEGImages", "Annotations"]) {
      await Deno.symlink(`${CELLS}/${part}`, `${folder}/${year}/${part}`);
    }
  }
  const write = async (file: string, names: readonly string[]) =>
    await Deno.writeTextFile(`${folder}/${file}.txt`, names.join("\n"));
  const [a, b, ...rest] = images.slice(0, 8);
  await write("VOC2007/ImageSets/Main/trainval", [a.id]);
  await write("VOC2012/ImageSets/Main/trainval", [b.id]);
  await write(
    "VOC2007/ImageSets/Main/test",
    rest.slice(0, 2).map(({ id }) => id),
  );
  for (const [split, part] of [["train", rest.slice(0, 4)], ["test", [a, b]]]) {
    const records = part as typeof images;
    const annotations = records.flatMap(({ boxes, labels }, image) =>
      [...labels].map((label, g) => {
        const [x1, y1, x2, y2] = boxes.subarray(g * 4, g * 4 + 4);
        const bbox = [x1, y1, x2 - x1, y2 - y1];
        return { image_id: image, category_id: label, bbox };
      })
    );
    await Deno.writeTextFile(
      `${folder}/coco/${split}.json`,
      JSON.stringify({
        images: records.map(({ path, width, height }, id) => ({
          id,
          file_name: basename(path),
          width,
          height,
        })),
        annotations: annotations.map((one, id) => ({ id, ...one })),
        categories: classes.map((name, id) => ({ id, name })),
      }),
    );
  }
}

/**
 * A run at a fraction of its size: two steps of four images of 128 pixels, of
 * narrow networks, whose weights are files, made here.
 *
 * @param folder Where {@linkcode fewCells} are, and where the files go.
 * @param options.run Whether a teacher that is a run stays one.
 */
export async function reduced(
  config: RunConfig,
  folder: string,
  { run = false }: { run?: boolean } = {},
): Promise<RunConfig> {
  const { data, input, teacher } = config;
  if (input.kind !== "keepRatio") throw new TypeError("not published");
  const model = narrow(config.model);
  const own = teacher &&
    ("config" in teacher ? teacher.config.model : teacher.model);
  return {
    ...config,
    data: data.kind === "voc"
      ? {
        ...data,
        train: ["VOC2007", "VOC2012"].map((year) => ({
          root: `${folder}/${year}`,
          split: "trainval",
        })),
        test: { root: `${folder}/VOC2007`, split: "test" },
        classes,
      }
      : {
        kind: "coco",
        root: `${folder}/coco`,
        train: { annotations: "train.json", images: "JPEGImages" },
        test: { annotations: "test.json", images: "JPEGImages" },
        classes,
      },
    input: {
      ...input,
      train: {
        ...input.train,
        scales: input.train.scales.map(([long, short]) =>
          [Math.round(long * 0.16), Math.round(short * 0.16)] as const
        ),
      },
      test: [213, 128],
    },
    model,
    initial: { backbone: await classifier(model, folder) },
    batchSize: 4,
    replicas: 2,
    epochs: 2,
    schedule: { kind: "steps", epochs: [1] },
    teacher: teacher && (run && "config" in teacher
      ? {
        config: await reduced(teacher.config, folder, { run }),
        seed: teacher.seed,
      }
      : {
        model: narrow(own!),
        weights: await written(narrow(own!), folder),
      }),
  };
}

function narrow({ backbone, ...model }: DetectorConfig): DetectorConfig {
  return {
    ...model,
    backbone: narrowBackbone(backbone!),
    numClasses: classes.length,
    neckChannels: 8,
    headChannels: 8,
    headConvs: 1,
    groups: 2,
  };
}

function narrowBackbone(backbone: BackboneConfig): BackboneConfig {
  const depth = (backbone.depth ?? 50) < 50 ? 18 : 50;
  switch (backbone.kind) {
    case "resnext":
      return {
        ...backbone,
        depth: 50,
        baseWidth: 8,
        groups: 2,
        baseWidthPerGroup: 32,
      };
    case "res2net":
      return { ...backbone, depth: 50, baseWidth: 8 };
    default:
      return { ...backbone, depth, baseWidth: 8 };
  }
}

/** A detector's fresh weights as a file of PyTorch's. */
async function written(
  model: DetectorConfig,
  folder: string,
  choose: (name: string) => string | undefined = (name) => name,
): Promise<WeightSource> {
  const detector = createDetector(model, { seed: 5 });
  const weights = new Map(
    [...await exportWeights(detector)].flatMap(([name, weight]) => {
      const chosen = choose(name);
      return chosen === undefined ? [] : [[chosen, weight] as const];
    }),
  );
  detector.dispose();
  const path = await Deno.makeTempFile({ dir: folder, suffix: ".pth" });
  await Deno.writeFile(path, writeTorchStateDict(weights));
  return { path };
}

/** A backbone's weights as a classifier has them. */
function classifier(
  model: DetectorConfig,
  folder: string,
): Promise<WeightSource> {
  return written(model, folder, (name) => /^backbone\.(.*)/.exec(name)?.[1]);
}
