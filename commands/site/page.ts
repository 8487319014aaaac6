import { escapeHtml } from "../../lib/report/table_html.ts";

/** What a page is about. */
export interface PageContent {
  /** The notebook's name; `index` is the first page. */
  readonly name: string;
  /** Text without HTML. */
  readonly title: string;
  /** Its first paragraph, text without HTML. */
  readonly summary: string;
  /** What is between the page's head and its foot. */
  readonly html: string;
}

/** The address of a notebook's page from another page. */
export function pageAddress(name: string): string {
  return `${encodeURIComponent(name)}.html`;
}

/**
 * A whole page of the site.
 *
 * @param content What it is about.
 * @param pages All notebooks in their order, without the first page.
 * @returns HTML that names files of the site alone.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { pageHtml } from "./page.ts";
 *
 * const voc = { name: "voc", title: "AP < 50?", summary: "", html: "<p>No.</p>" };
 * assert.match(pageHtml(voc, [voc]), /<title>AP &lt; 50\? · ldlab<\/title>/);
 * ```
 */
export function pageHtml(
  content: PageContent,
  pages: readonly PageContent[],
): string {
  const { name, title, summary, html } = content;
  const hasFigures = html.includes("<figure>");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}${title === "ldlab" ? "" : " · ldlab"}</title>
<meta name="description" content="${escapeHtml(summary)}">
<link rel="icon" href="data:,">
<link rel="stylesheet" href="assets/page.css">
${
    hasFigures
      ? `<script src="assets/plotly.min.js" defer></script>
<script src="assets/figures.js" defer></script>
`
      : ""
  }</head>
<body>
<header>
<a class="brand" href="index.html">ldlab</a>
<a href="#pages">All notebooks</a>
</header>
<main>
${html}
${neighbours(name, pages)}
<footer>Made by <code>./ldlab site</code>.</footer>
</main>
<nav class="pages" id="pages" aria-label="Notebooks">
<a class="brand" href="index.html"${name === "index" ? current : ""}>ldlab</a>
<ul>
${
    pages.map((page) =>
      `<li><a href="${pageAddress(page.name)}"${
        page.name === name ? current : ""
      }>${escapeHtml(page.title)}</a>${
        page.name === name ? sections(html) : ""
      }</li>`
    ).join("\n")
  }
</ul>
</nav>
</body>
</html>
`;
}

const current = ' aria-current="page"';

/** The page's own headings, as nbconvert has named them. */
function sections(html: string): string {
  const headings = [
    ...html.matchAll(
      /<h2 id="([^"]*)">([\s\S]*?)(?:<a class="anchor-link"|<\/h2>)/g,
    ),
  ];
  if (headings.length === 0) return "";
  const items = headings.map(([, id, text]) =>
    `<li><a href="#${id}">${withoutTags(text)}</a></li>`
  );
  return `\n<ul>\n${items.join("\n")}\n</ul>`;
}

/** The ways to the notebook before and the one after. */
function neighbours(name: string, pages: readonly PageContent[]): string {
  const at = pages.findIndex((page) => page.name === name);
  const link = (page: PageContent | undefined, rel: string, sign: string) =>
    page === undefined
      ? ""
      : `<a rel="${rel}" href="${pageAddress(page.name)}">${
        sign.replace("*", escapeHtml(page.title))
      }</a>`;
  const links = link(at < 1 ? undefined : pages[at - 1], "prev", "←\u00a0*") +
    link(pages[at + 1], "next", "*\u00a0→");
  return links === "" ? "" : `<div class="neighbours">${links}</div>`;
}

/** HTML without its elements; signs that were entities stay entities. */
export function withoutTags(html: string): string {
  return html.replace(/<[^>]*>/g, "").replace(/\s+/g, " ").trim();
}
