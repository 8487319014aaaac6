import { fileURLToPath } from "node:url";
import { escapeHtml } from "../../lib/report/table_html.ts";
import { findNotebooks, type Notebook } from "./find_notebooks.ts";
import {
  pageAddress,
  type PageContent,
  pageHtml,
  withoutTags,
} from "./page.ts";
import { renderNotebooks } from "./render_notebooks.ts";
import { rewriteLinks } from "./rewrite_links.ts";
import { siteFiles, writeSite } from "./site_folder.ts";
import { showMath } from "./show_math.ts";

/** What a site was made of. */
export interface Site {
  /** Paths in its folder. */
  readonly files: readonly string[];
  readonly notebooks: readonly Notebook[];
  /** What the user should know: sentences. */
  readonly notices: readonly string[];
}

/**
 * Makes a site of notebooks that is opened as files: a page each, and a first
 * one, which is `index.ipynb` or else a list of them.
 *
 * @param source The folder of the notebooks, with outputs or without.
 * @param target The site's folder: new, empty, or an older site.
 * @returns What it was made of.
 * @throws {Error} If a notebook or the folder is not in order; nothing is
 * written then.
 */
export async function buildSite(source: string, target: string): Promise<Site> {
  const older = await siteFiles(target);
  const notebooks = await findNotebooks(source);
  const rendered = await renderNotebooks(notebooks);
  // There is a first page in any case.
  const names = ["index", ...notebooks.map(({ name }) => name)];
  const notices: string[] = [];
  const unrun: string[] = [];
  const contents = notebooks.map((notebook): PageContent => {
    const { name, hasOutputs } = notebook;
    const { html, pictures } = rendered.get(name)!;
    const links = rewriteLinks(showMath(html), {
      names,
      pictures: pictures.keys(),
    });
    notices.push(
      ...links.dropped.map((link) =>
        `${name}.ipynb names ${link}, which is not in the site; its page shows ` +
        "the text alone."
      ),
    );
    const isRun = hasOutputs || !links.html.includes('<section class="code">');
    if (!isRun) unrun.push(`${name}.ipynb`);
    return pageContent(name, isRun ? links.html : notRun(links.html));
  });
  if (unrun.length > 0) {
    notices.push(`Without outputs, as their pages say: ${unrun.join(", ")}.`);
  }
  const first = contents.find(({ name }) => name === "index");
  const pages = inOrderOf(
    first?.html ?? "",
    contents.filter((content) => content !== first),
  );
  const files = new Map<string, string | Uint8Array>();
  for (const content of [first ?? listOf(pages), ...pages]) {
    files.set(`${content.name}.html`, pageHtml(content, pages));
  }
  for (const { pictures } of rendered.values()) {
    for (const [path, bytes] of pictures) files.set(path, bytes);
  }
  for (const [name, url] of Object.entries(assets)) {
    files.set(`assets/${name}`, await Deno.readFile(fileURLToPath(url)));
  }
  await writeSite(target, files, older);
  return { files: [...files.keys()], notebooks, notices };
}

/** The files that all pages share. */
const assets = {
  "page.css": new URL("page.css", import.meta.url),
  "figures.js": new URL("figures.js", import.meta.url),
  "plotly.min.js": import.meta.resolve("plotly.js-dist-min/plotly.min.js"),
};

/** A page with the title and the first paragraph of its HTML. */
function pageContent(name: string, html: string): PageContent {
  const heading = /<h1\b[^>]*>([\s\S]*?)(?:<a class="anchor-link"|<\/h1>)/;
  const title = heading.exec(html)?.[1] ?? name;
  const summary = /<p>([\s\S]*?)<\/p>/.exec(html)?.[1] ?? "";
  return { name, title: plain(title), summary: plain(summary), html };
}

/** HTML as text. */
function plain(html: string): string {
  const entities: Record<string, string> = {
    "&lt;": "<",
    "&gt;": ">",
    "&quot;": '"',
    "&#39;": "'",
    "&amp;": "&",
  };
  return withoutTags(html)
    .replace(/&(lt|gt|quot|#39|amp);/g, (entity) => entities[entity]);
}

/** Says below the title that the notebook was not run. */
function notRun(html: string): string {
  const note = '<p class="note">This notebook has not been run here: its ' +
    "outputs are missing. <code>./ldlab lab</code> opens it.</p>";
  const end = html.indexOf("</h1>");
  return end < 0
    ? `${note}\n${html}`
    : html.replace("</h1>", () => `</h1>\n${note}`);
}

/** Pages in the order in which the first page links to them, then the others. */
function inOrderOf(
  html: string,
  pages: readonly PageContent[],
): PageContent[] {
  const place = ({ name }: PageContent) => {
    const at = html.indexOf(`href="${pageAddress(name)}`);
    return at < 0 ? Infinity : at;
  };
  return pages.toSorted((a, b) => {
    const [left, right] = [place(a), place(b)];
    return left === right ? 0 : left - right;
  });
}

/** The first page, where no notebook is one. */
function listOf(pages: readonly PageContent[]): PageContent {
  const summary =
    "Localization distillation for dense object detection: the tables and " +
    "figures of the paper, run again.";
  const items = pages.map((page) =>
    `<li><a href="${pageAddress(page.name)}">${escapeHtml(page.title)}</a>` +
    `<p>${escapeHtml(page.summary)}</p></li>`
  );
  return {
    name: "index",
    title: "ldlab",
    summary,
    html: `<section class="markdown"><h1>ldlab</h1>\n<p>${summary}</p></section>
<ul class="list">\n${items.join("\n")}\n</ul>`,
  };
}
