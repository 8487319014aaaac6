/**
 * An SVG in which a picture that is drawn several times is kept once.
 *
 * Use it where many panels lie on one photograph: each has its own copy of it.
 *
 * @param svg As plotly writes it.
 * @param name What the shared pictures' ids begin with, apart from those of other
 * SVGs of the page.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { shareInSvg } from "./shared_pictures.ts";
 * const image = '<image xlink:href="data:image/png;base64,AA" width="2" height="1"/>';
 * const svg = shareInSvg(`<svg>${image}${image}</svg>`, "a");
 * assert.equal(svg.match(/base64/g)!.length, 1);
 * assert.equal(svg.match(/<use xlink:href="#a0" width="2"/g)!.length, 2);
 * ```
 */
export function shareInSvg(svg: string, name: string): string {
  const images = [
    ...svg.matchAll(/<image [^>]*?xlink:href="(data:[^"]+)"[^>]*>/g),
  ];
  const sources = images.map(([, source]) => source);
  const shared = [...new Set(sources)]
    .filter((source) =>
      sources.indexOf(source) !== sources.lastIndexOf(source)
    );
  if (shared.length === 0) return svg;
  const symbols = shared.map((source, at) => {
    const [image] = images[sources.indexOf(source)];
    const size = (what: string) =>
      new RegExp(` ${what}="([^"]+)"`).exec(image)![1];
    const [width, height] = [size("width"), size("height")];
    return `<symbol id="${name}${at}" viewBox="0 0 ${width} ${height}" ` +
      `preserveAspectRatio="none"><image width="${width}" height="${height}" ` +
      `preserveAspectRatio="none" xlink:href="${source}"/></symbol>`;
  });
  return svg
    .replaceAll(
      /<image ([^>]*?)xlink:href="(data:[^"]+)"([^>]*?)\/?>/g,
      (image, before, source, after) => {
        const at = shared.indexOf(source);
        return at < 0 ? image : useOf(`${name}${at}`, before + after);
      },
    )
    .replace(
      /^<svg[^>]*>/,
      (head) => `${head}<defs>${symbols.join("")}</defs>`,
    );
}

/**
 * Draws a shared picture where one with these attributes was. A clip is around it:
 * its own would be moved as far as it is.
 */
function useOf(id: string, attributes: string): string {
  const [clip = ""] = / clip-path="[^"]*"/.exec(attributes) ?? [];
  const use = `<use xlink:href="#${id}" ${
    attributes.replace(clip, "").trim()
  }/>`;
  return clip === "" ? use : `<g${clip}>${use}</g>`;
}

/** A figure as far as its pictures go. */
interface Pictured {
  readonly layout: Readonly<Record<string, unknown>>;
}

/**
 * A figure that names the source of its pictures once, where all have the same.
 *
 * @param figure As plotly takes it.
 * @returns The same figure; a template has the source.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { shareInFigure } from "./shared_pictures.ts";
 * const images = [{ source: "data:a", x: 0 }, { source: "data:a", x: 1 }];
 * const { layout } = shareInFigure({ layout: { images } });
 * assert.deepEqual(layout.images, [{ x: 0 }, { x: 1 }]);
 * ```
 */
export function shareInFigure<F extends Pictured>(figure: F): F {
  const { layout } = figure;
  const images = (layout.images ?? []) as readonly { source?: string }[];
  const [{ source } = {}] = images;
  const isShared = images.length > 1 && source !== undefined &&
    layout.template === undefined &&
    images.every((image) => image.source === source);
  if (!isShared) return figure;
  return {
    ...figure,
    layout: {
      ...layout,
      images: images.map(({ source: _, ...image }) => image),
      template: { layout: { imagedefaults: { source } } },
    },
  };
}
