import type { Figure } from "./figure.ts";

/**
 * A figure in words: its title, its axes, and the points of its named lines.
 *
 * Use it where nothing can draw: a terminal, a log, a reader's screen reader.
 *
 * @param figure any figure; traces without a name, or left out of hover
 * (`hoverinfo: "skip"`), are decoration and are not told; a trace's
 * `meta.text` is told instead of its points
 * @returns lines without a final line feed
 *
 * @example
 * ```ts
 * import { figureToText } from "ldlab/report/figure_text.ts";
 * import assert from "node:assert/strict";
 *
 * const text = figureToText({
 *   data: [{ type: "scatter", name: "here", x: [1, 10], y: [40.31, 41.12] }],
 *   layout: { title: { text: "AP over τ<br>BCCD" }, xaxis: { title: { text: "τ" } } },
 * });
 * assert.equal(text, "[figure] AP over τ, BCCD\nx: τ\nhere: 1 → 40.31, 10 → 41.12");
 * ```
 */
export function figureToText(figure: Figure): string {
  const { layout, data } = figure;
  const { text = "untitled", subtitle } = layout.title ?? {};
  const lines = [
    `[figure] ${[text, subtitle?.text].filter(Boolean).map(plain).join(", ")}`,
  ];
  const axes = Object.keys(layout).filter((key) => /^[xy]axis\d*$/.test(key));
  const titles = new Map<string, string>();
  for (const key of axes.sort()) {
    const title = plain(layout[key].title?.text ?? "");
    const letter = key[0];
    if (title === "" || titles.get(letter)?.split("; ").includes(title)) {
      continue;
    }
    const others = titles.get(letter);
    titles.set(letter, others ? `${others}; ${title}` : title);
  }
  for (const [letter, title] of titles) lines.push(`${letter}: ${title}`);
  for (const trace of data) {
    const { name, x, y, hoverinfo, meta } = trace;
    if (typeof name !== "string" || hoverinfo === "skip") continue;
    const { text } = (meta ?? {}) as { text?: string };
    if (text !== undefined) {
      lines.push(`${plain(name)}: ${text}`);
      continue;
    }
    if (!Array.isArray(x) || !Array.isArray(y)) continue;
    lines.push(`${plain(name)}: ${points(x, y)}`);
  }
  return lines.join("\n");
}

/** So many points of a line are told; the rest is counted. */
const longest = 20;

function points(x: readonly unknown[], y: readonly unknown[]): string {
  const told = x.slice(0, longest).map((at, index) =>
    `${short(at)} → ${short(y[index])}`
  ).join(", ");
  return x.length > longest
    ? `${told}, and ${x.length - longest} more points`
    : told;
}

function short(value: unknown): string {
  return typeof value === "number"
    ? String(Number(value.toPrecision(4)))
    : plain(String(value ?? "–"));
}

function plain(html: string): string {
  return html.replaceAll(/<br\s*\/?>/g, ", ").replaceAll(/<[^>]*>/g, "")
    .replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}
