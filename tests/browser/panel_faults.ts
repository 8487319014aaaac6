/// <reference lib="dom" />
import type { Frame } from "puppeteer-core";

/** Texts of the page that leave their place or lie on one another. */
export function panelFaults(frame: Frame): Promise<string[]> {
  return frame.$$eval(
    ".figure, #controls label, header",
    (places) =>
      places.flatMap((place) => {
        const frame = place.getBoundingClientRect();
        const texts = Array.from(
          place.querySelectorAll(
            ".gtitle, .xtitle, .ytitle, .y2title, .y4title, .x2title, .x4title, .x5title, .legendtext, .annotation-text, .xtick text, .ytick text, .y2tick text, .y4tick text, span, output, button, p",
          ),
          (text) => ({
            text: text.textContent ?? "",
            box: text.getBoundingClientRect(),
          }),
        ).filter(({ text, box }) =>
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
      }),
  );
}
