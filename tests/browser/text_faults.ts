/// <reference lib="dom" />
import type { Frame, Page } from "puppeteer-core";

/** plotly's texts, and those of its sliders. */
const DRAWN = ".gtitle, .xtitle, .ytitle, .y2title, .y4title, .x2title, " +
  ".x4title, .x5title, .legendtext, .annotation-text, .xtick text, " +
  ".ytick text, .y2tick text, .y4tick text, .slider-label";

/**
 * Texts of a page that leave their place or lie on one another.
 *
 * @param options.places Selects the places.
 * @param options.texts Selects texts in them, beside those of figures.
 */
export function textFaults(
  page: Page | Frame,
  { places, texts = [] }: { places: string; texts?: readonly string[] },
): Promise<string[]> {
  const found = (places: Element[], selector: string) =>
    places.flatMap((place) => {
      const frame = place.getBoundingClientRect();
      const texts = Array.from(place.querySelectorAll(selector), (text) => ({
        text: text.textContent ?? "",
        box: text.getBoundingClientRect(),
      })).filter(({ text, box }) =>
        text !== "" && text !== "▾" && box.width > 0
      );
      const cut = texts.filter(({ box }) =>
        box.left < frame.left - 1 || box.right > frame.right + 1 ||
        box.top < frame.top - 1 || box.bottom > frame.bottom + 1
      ).map(({ text }) => `"${text}" leaves its place`);
      const covered = texts.flatMap((a, at) =>
        texts.slice(at + 1).filter((b) =>
          Math.min(a.box.right, b.box.right) -
                Math.max(a.box.left, b.box.left) > 2 &&
          Math.min(a.box.bottom, b.box.bottom) -
                Math.max(a.box.top, b.box.top) > 4
        ).map((b) => `"${a.text}" lies on "${b.text}"`)
      );
      return [...cut, ...covered];
    });
  return page.$$eval(places, found, [DRAWN, ...texts].join(", "));
}
