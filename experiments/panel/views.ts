import type { Figure } from "../../lib/report/mod.ts";
import type { ImageOutputs } from "../test_outputs.ts";
import { curvesFigure } from "./curves_figure.ts";
import { edgesFigure } from "./edges_figure.ts";
import type { PanelImage } from "./images.ts";
import type { PanelLoop } from "./loop.ts";
import { regionsFigure } from "./regions_figure.ts";
import type { PanelStudent } from "./student.ts";

/** A figure, and what tells it from those before it. */
interface View {
  readonly version: string;
  readonly figure: Figure;
}

/**
 * The figures of a panel, drawn when they are asked for: a student that nobody
 * watches only trains.
 */
export class PanelViews {
  readonly #loop: PanelLoop;
  readonly #student: PanelStudent;
  readonly #images: readonly PanelImage[];
  readonly #teacherAp: number;
  #said: { of: string; outputs: Promise<ImageOutputs> } | undefined;

  /**
   * @param loop What is going on.
   * @param student Who is asked about the images.
   * @param options.images The test images.
   * @param options.teacherAp The teacher's AP on them, in [0, 1].
   */
  constructor(
    loop: PanelLoop,
    student: PanelStudent,
    { images, teacherAp }: {
      images: readonly PanelImage[];
      teacherAp: number;
    },
  ) {
    this.#loop = loop;
    this.#student = student;
    this.#images = images;
    this.#teacherAp = teacherAp;
  }

  /** Losses and AP so far. */
  curves(): Figure {
    return curvesFigure(this.#loop.history, this.#teacherAp, {
      images: this.#images.length,
    });
  }

  /**
   * The figures of other versions than the known ones, by name.
   *
   * @param known Versions by name.
   */
  async changed(
    known: Readonly<Record<string, string>>,
  ): Promise<Record<string, View>> {
    const { settings, history, generation } = this.#loop;
    const { iteration } = this.#student;
    const { temperature, gamma, level } = settings;
    const image = this.#images[settings.image - 1];
    const { changes, measures } = history;
    const now = `${generation}.${iteration}`;
    const moved = changes.map(({ iteration, to }) => `${iteration}:${to}`);
    const seen = `${now}.${settings.image}`;
    const all: Record<string, [version: string, draw: () => Promise<Figure>]> =
      {
        curves: [
          `${now}.${measures.length}.${moved.slice(-3)}`,
          () => Promise.resolve(this.curves()),
        ],
        edges: [
          `${seen}.${temperature}`,
          async () =>
            edgesFigure(image, await this.#says(image, seen), temperature),
        ],
        regions: [
          `${settings.image}.${level}.${gamma}`,
          () => Promise.resolve(regionsFigure(image, { gamma, level })),
        ],
      };
    const views: Record<string, View> = {};
    for (const [name, [version, draw]] of Object.entries(all)) {
      if (known[name] === version) continue;
      views[name] = { version, figure: await draw() };
    }
    return views;
  }

  /** What the student says, once however many pages ask. */
  #says(image: PanelImage, of: string): Promise<ImageOutputs> {
    if (this.#said?.of !== of) {
      this.#said = { of, outputs: this.#student.says(image) };
    }
    return this.#said.outputs;
  }
}
