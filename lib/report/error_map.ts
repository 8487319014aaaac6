import { baseLayout, type Figure, legendAbove } from "./figure.ts";
import {
  levelPanels,
  panelTitle,
  type PyramidPicture,
  trueBoxLines,
} from "./level_panels.ts";
import { checkLevels, levelRows, weightColors } from "./level_rows.ts";
import { slider } from "./slider.ts";

/** Room around the panels in pixels. */
const margin = { l: 20, r: 100, t: 112, b: 20 };
/** Pixels at the bottom that only a slider uses. */
const sliderHeight = 84;

/** One student's errors over a picture. */
export interface MappedErrors {
  readonly name: string;
  /** [A]: 0 or above, one for each location of all levels. */
  readonly errors: ArrayLike<number>;
}

/** A picture and the students' errors over it. */
export interface ErrorScene {
  readonly picture: PyramidPicture;
  /** The same students in the same order over every picture. */
  readonly maps: readonly MappedErrors[];
}

/**
 * Where students differ from their teacher over images, a panel for each student.
 *
 * Use it for the paper's Figure 5, with the maps of `boxLogitErrorMap`. Two
 * sliders, which need no kernel, turn to another pyramid level and another image.
 * All panels of a level have one scale of colours, over all images; here, unlike in
 * the paper, lighter is better.
 *
 * @param scenes images of one size with the same levels, at least one
 * @param options
 * - `title` of the figure
 * - `open`: name of the level in which it opens
 * @returns a plotly figure, 1000 pixels wide
 * @throws {TypeError} when a student has not one error for each location
 * @throws {RangeError} when there is no scene or student, scenes have different
 * students, sizes or levels, there is no such level, or an error is negative or
 * not finite
 *
 * Source: Zheng et al., "Localization Distillation for Dense Object
 * Detection", CVPR 2022, Figure 5.
 *
 * @example
 * ```ts
 * import { errorMap } from "ldlab/report/error_map.ts";
 * import assert from "node:assert/strict";
 *
 * const picture = {
 *   image: { source: "data:image/png;base64,", width: 64, height: 64 },
 *   name: "a square",
 *   truth: [[4, 4, 40, 40]],
 *   levels: [{ name: "P5", stride: 32, height: 2, width: 2 }],
 * };
 * const figure = errorMap([{ picture, maps: [{ name: "LD", errors: [1, 2, 3, 6] }] }], {
 *   title: "Errors",
 *   open: "P5",
 * });
 * assert.equal(figure.layout.annotations[0].text, "<b>LD</b>, mean 3.0");
 * assert.equal(figure.layout.coloraxis.cmax, 6);
 * ```
 */
export function errorMap(
  scenes: readonly ErrorScene[],
  { title, open }: { title: string; open: string },
): Figure {
  check(scenes, open);
  const [{ picture, maps: students }] = scenes;
  const { levels, image } = picture;
  const frame = levelPanels({ image, levels: students }, {
    width: 1000 - margin.l - margin.r,
    rows: 1,
    named: false,
  });
  const drawn = scenes.map((scene) => drawScene(scene, frame.panels));
  const [first] = drawn;
  const cells = frame.panels.flatMap(() => levels);
  const visible = (level: string) => [
    ...cells.map(({ name }) => name === level),
    ...first.lines.map(() => true),
  ];
  const most = levels.map((_level, at) =>
    Math.max(
      ...drawn.flatMap(({ heat }) =>
        heat.filter((_cells, index) => index % levels.length === at)
          .flatMap(({ z }) => z.flat() as number[])
      ),
    ) || 1
  );
  const opened = levels.findIndex(({ name }) => name === open);
  const shown = visible(open);
  const subtitle = (scene: number) =>
    `${scenes[scene].picture.name}; a cell is a location, lighter is better`;
  const sliders = [
    slider("level: ", {
      open: opened,
      top: 30,
      steps: levels.map(({ name }, at) => ({
        label: name,
        method: "update",
        args: [
          { visible: visible(name) },
          {
            "coloraxis.cmax": most[at],
            ...Object.fromEntries(
              cells.map((cell, index) => [
                `annotations[${index}].visible`,
                cell.name === name,
              ]),
            ),
          },
        ],
      })),
    }),
    slider("image: ", {
      open: 0,
      top: 30 + (levels.length > 1 ? sliderHeight : 0),
      steps: drawn.map(({ heat, lines, texts }, at) => ({
        label: `${at + 1}`, // its name is above the panels
        method: "update",
        args: [
          {
            x: [...heat, ...lines].map(({ x }) => x),
            y: [...heat, ...lines].map(({ y }) => y),
            z: [...heat.map(({ z }) => z), ...lines.map(() => null)],
          },
          {
            "title.subtitle.text": subtitle(at),
            ...Object.fromEntries([
              ...texts.map((text, index) => [
                `annotations[${index}].text`,
                text,
              ]),
              ...frame.panels.map((_panel, index) => [
                `images[${index}].source`,
                scenes[at].picture.image.source,
              ]),
            ]),
          },
        ],
      })),
    }),
  ].filter(({ steps }) => steps.length > 1);
  const controls = sliders.length * sliderHeight;
  const bottom = margin.b + controls;
  const colors = weightColors("L1 error");
  return {
    data: [...first.heat, ...first.lines].map((trace, at) => ({
      ...trace,
      visible: shown[at],
    })),
    layout: {
      ...baseLayout({
        title,
        subtitle: subtitle(0),
        width: 1000,
        height: frame.height + margin.t + bottom,
        margin: { ...margin, b: bottom },
      }),
      ...frame.layout,
      annotations: first.texts.map((text, at) => ({
        ...panelTitle(frame.panels[Math.floor(at / levels.length)], text),
        visible: cells[at].name === open,
      })),
      coloraxis: {
        ...colors,
        // As high as the panels, which are low.
        colorbar: { ...colors.colorbar, len: 1, lenmode: "fraction" },
        cmin: 0,
        cmax: most[opened],
      },
      legend: legendAbove,
      ...(controls > 0 ? { meta: { controls }, sliders } : {}),
    },
  };
}

type Panels = ReturnType<typeof levelPanels>["panels"];

/** What one image's state of the figure is made of. */
function drawScene({ picture, maps }: ErrorScene, panels: Panels) {
  const { levels } = picture;
  const heat = panels.flatMap(({ level: student, xaxis, yaxis }) => {
    const { name, errors } = maps[student];
    return levelRows(levels, errors, -1).map(({ x, y, z }, level) => ({
      type: "heatmap",
      ...{ x, y, z, xaxis, yaxis },
      coloraxis: "coloraxis",
      opacity: 0.75,
      name: `${name}, ${levels[level].name}`,
      meta: { text: `mean ${meanOf(z)}` },
      hovertemplate: "location (%{x}, %{y}) px: error %{z:.2f}",
    }));
  });
  return {
    heat,
    lines: panels.flatMap((panel, index) =>
      trueBoxLines(picture, panel, { legend: index === 0 })
    ),
    texts: heat.map(({ z }, at) =>
      `<b>${maps[Math.floor(at / levels.length)].name}</b>, mean ${meanOf(z)}`
    ),
  };
}

function meanOf(z: readonly (readonly (number | null)[])[]): string {
  const values = z.flat() as number[];
  return (values.reduce((sum, value) => sum + value, 0) / values.length)
    .toFixed(1);
}

function check(scenes: readonly ErrorScene[], open: string): void {
  const task = "Cannot map errors";
  if (scenes.length === 0 || scenes[0].maps.length === 0) {
    throw new RangeError(
      `${task}: there must be at least one image and one student: current ` +
        `numbers are ${scenes.length} and ${scenes[0]?.maps.length ?? 0}`,
    );
  }
  const likenessOf = ({ picture, maps }: ErrorScene) =>
    JSON.stringify([
      picture.image.width,
      picture.image.height,
      picture.levels,
      maps.map(({ name }) => name),
    ]);
  const other = scenes.find((scene) =>
    likenessOf(scene) !== likenessOf(scenes[0])
  );
  if (other !== undefined) {
    throw new RangeError(
      `${task}: images must have one size, the same levels and students: ` +
        `'${other.picture.name}' differs from '${scenes[0].picture.name}'`,
    );
  }
  const names = scenes[0].picture.levels.map(({ name }) => name);
  if (!names.includes(open)) {
    throw new RangeError(
      `${task}: the level that is open must be one of ${names.join(", ")}: ` +
        `current value is '${open}'`,
    );
  }
  for (const { picture, maps } of scenes) {
    const errors = maps.map(({ errors }) => errors);
    checkLevels(task, "errors", picture.levels, errors);
  }
}
