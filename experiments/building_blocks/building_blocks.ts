/**
 * The building blocks of localization distillation, looked at: edges by their
 * distributions, regions over an image, losses over a moving box, and what GI
 * selects.
 *
 * It uses the teacher and the students of `./ldlab demo`, so nothing is run
 * again after that. smoke: seconds. small: 4 to 8 minutes on 2 cores for the
 * runs, seconds for the figures. `notebooks/building_blocks.ipynb` shows it.
 */
import type { ImageRecord } from "../../lib/data/mod.ts";
import {
  type GiOptions,
  type Region,
  regionKey,
} from "../../lib/regions/mod.ts";
import {
  type Figure,
  type ProgressView,
  regionMap,
  type Table,
} from "../../lib/report/mod.ts";
import type { TeacherRun } from "../config.ts";
import { resultsFolder } from "../project.ts";
import { RunStore } from "../store.ts";
import { SCALES } from "../scales.ts";
import { runTable } from "../tables/run_table.ts";
import { TABLE_1A } from "../tables/table_1a.ts";
import type { TableResult } from "../tables/table_result.ts";
import { type ImageOutputs, testOutputs } from "../test_outputs.ts";
import { ambiguousEdges } from "./ambiguous_edges.ts";
import { giFigure } from "./gi_figure.ts";
import { giPicks, type PairOutputs } from "./gi_picks.ts";
import { movingBoxFigure, type MovingBoxOptions } from "./moving_box.ts";
import {
  IMITATION_REGIONS,
  LOCALIZATION_REGIONS,
  regionsFigure,
  regionsTable,
  vlrFigure,
  weightsOf,
} from "./region_figures.ts";
import { openTestPicture, type TestPicture } from "./test_picture.ts";

/** What to look at. */
export interface BuildingBlocksOptions {
  /** `small` unless given. */
  readonly scale?: string;
  /**
   * Which test image the regions lie over: 0, the default, has the fewest
   * objects, the next one the next fewest.
   */
  readonly picture?: number;
  /** Where runs are stored; `results/` unless given. */
  readonly folder?: string;
  readonly progress?: ProgressView;
  readonly signal?: AbortSignal;
}

/**
 * Opens the building blocks: runs the teacher and the students that are not
 * stored yet.
 *
 * @throws {RangeError} If there is no such scale or picture.
 * @throws {DOMException} `AbortError` if the signal stopped it; what was
 * finished is stored, and the same call goes on.
 */
export async function openBuildingBlocks(
  { scale = "small", picture = 0, folder = resultsFolder, ...options }:
    BuildingBlocksOptions = {},
): Promise<BuildingBlocks> {
  if (!Object.hasOwn(SCALES, scale)) {
    throw new RangeError(
      `Cannot open the building blocks: scale must be ${
        Object.keys(SCALES).join(" or ")
      }: current value is '${scale}'`,
    );
  }
  const runs = await runTable(TABLE_1A, {
    ...options,
    scale,
    folder,
    rows: ["tau_10"],
  });
  const { config } = runs.result.rows[0];
  return new BuildingBlocks(
    runs,
    folder,
    await openTestPicture(config, picture),
  );
}

/** The figures of the building blocks. */
export class BuildingBlocks {
  /** The runs that the figures look at. */
  readonly runs: TableResult;
  readonly #folder: string;
  readonly #picture: TestPicture;

  constructor(runs: TableResult, folder: string, picture: TestPicture) {
    this.runs = runs;
    this.#folder = folder;
    this.#picture = picture;
  }

  /** The most ambiguous and the sharpest edges of all test images. */
  async ambiguousEdges(): Promise<Figure> {
    return ambiguousEdges(this.#teacher.config, await this.#outputs("teacher"));
  }

  /** One box under τ: teacher, student, and student with LD. */
  edgeDistributions(): Promise<Figure> {
    return this.runs.figure("edge_distributions");
  }

  /** The VLR over the picture by both measures, over γ. */
  valuableRegion(gammas: readonly number[] = [1, 0.75, 0.5, 0.25, 0]): Figure {
    return vlrFigure(this.#picture, gammas);
  }

  /** Where localization losses look. */
  localizationRegions(): Figure {
    return regionsFigure(this.#picture, {
      title: "Where localization is distilled",
      regions: LOCALIZATION_REGIONS,
    });
  }

  /** Where features are imitated. */
  imitationRegions(): Figure {
    return regionsFigure(this.#picture, {
      title: "Where features are imitated",
      regions: IMITATION_REGIONS,
    });
  }

  /** The regions of both figures in numbers. */
  regionSizes(): Table {
    return regionsTable(this.#picture);
  }

  /** Any region over the picture, as its terms would have it. */
  async region(region: Region): Promise<Figure> {
    const { anchors, pyramid } = this.#picture;
    let weights: Float32Array;
    if (region.kind === "gi") {
      const picks = await giPicks(await this.#pair(), anchors, region);
      weights = new Float32Array(anchors.count);
      for (const { location } of picks.selected) weights[location] = 1;
    } else weights = weightsOf(region, this.#picture);
    return regionMap(pyramid, {
      title: `Region ${regionKey(region)}`,
      regions: [{ name: "", weights: [weights] }],
    });
  }

  /** What GI selects, from the teacher and the student without LD. */
  async generalInstances(options: GiOptions = {}): Promise<Figure> {
    return giFigure(this.#picture, await this.#pair(), options);
  }

  /** LD, TBR and GIoU loss while a box moves. */
  movingBox(options: MovingBoxOptions = {}): Promise<Figure> {
    return movingBoxFigure(options);
  }

  /** Table 1a's is a run. */
  get #teacher() {
    return this.runs.result.rows.at(-1)!.config.teacher as TeacherRun;
  }

  /** What both say about the picture. */
  async #pair(): Promise<PairOutputs> {
    const only = (images: readonly ImageRecord[]) => [
      images[this.#picture.index],
    ];
    const [student] = await this.#outputs("student", only);
    const [teacher] = await this.#outputs("teacher", only);
    return { student, teacher };
  }

  async #outputs(
    who: "teacher" | "student",
    choose?: (images: readonly ImageRecord[]) => readonly ImageRecord[],
  ): Promise<ImageOutputs[]> {
    const run = who === "teacher"
      ? this.#teacher
      : { config: this.runs.result.rows[0].config, seed: 0 };
    const store = new RunStore(this.#folder);
    try {
      return await testOutputs(run, { store, choose });
    } finally {
      store.close();
    }
  }
}
