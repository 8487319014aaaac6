import type { MediaBundle } from "../../lib/report/mod.ts";

/**
 * What the page takes in a notebook's width, and where that has no room for two
 * plots beside each other; as in page.css.
 */
const HEIGHT = "clamp(980px, calc((761px - 100cqw) * 9999), 1720px)"; // cqw: of the div

/**
 * A panel as a notebook's output: its page in a frame, and words for where that
 * cannot be shown.
 *
 * @param address Where its page is, with the token.
 */
export function panelFrame(address: string): MediaBundle {
  const href = address.replaceAll("&", "&amp;").replaceAll('"', "&quot;");
  return {
    "text/html":
      `<div style="container-type: inline-size"><iframe src="${href}" title="Live panel" style="display: block; width: 100%; height: ${HEIGHT}; border: 1px solid #d0d0d0; border-radius: 4px; background: #ffffff"></iframe></div>` +
      `<p style="margin: 6px 0 0; color: #6e6e6e">A live panel: it lives as long as its kernel. ` +
      `Where the frame stays empty, run the cell again, or open it <a href="${href}" target="_blank" rel="noreferrer">in a tab of its own</a>.</p>`,
    "text/plain":
      `[live panel] sliders and curves of a student in training, at ${address}`,
  };
}

/**
 * What stands in a closed panel's place.
 *
 * @param steps How many it did.
 */
export function closedFrame(steps: number): MediaBundle {
  const text =
    `The live panel is closed after ${steps} steps. Run its cell again for a new one.`;
  return { "text/markdown": text, "text/plain": text };
}
