import { pageAddress } from "./page.ts";

/** HTML whose links lead somewhere, and what did not. */
export interface RewrittenLinks {
  readonly html: string;
  /** Addresses as they were written: links whose text was left, and pictures. */
  readonly dropped: readonly string[];
}

/**
 * Leads links between notebooks to their pages, and keeps the page whole
 * wherever the site lies.
 *
 * Use it on the HTML of a notebook's cells. Links with a scheme, as `https:`,
 * and links within the page stay. A link to any other file would lead out of the
 * site, and a picture from elsewhere would be missing without the network: their
 * texts are left of them.
 *
 * @param html As nbconvert writes it.
 * @param site The notebooks that have a page, and the paths of the pictures.
 * @returns The HTML, with what was taken out.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { rewriteLinks } from "./rewrite_links.ts";
 *
 * const site = { names: ["voc"], pictures: [] };
 * const { html } = rewriteLinks('<a href="voc.ipynb#AP">VOC</a>', site);
 * assert.equal(html, '<a href="voc.html#AP">VOC</a>');
 * ```
 */
export function rewriteLinks(
  html: string,
  { names, pictures }: {
    names: Iterable<string>;
    pictures: Iterable<string>;
  },
): RewrittenLinks {
  const pages = new Set(names);
  const shown = new Set(pictures);
  const dropped: string[] = [];
  const withPictures = html.replace(
    /<img\b[^>]*?\ssrc="([^"]*)"[^>]*>/g,
    (image, source: string) => {
      if (source.startsWith("data:") || shown.has(decoded(source))) {
        return image;
      }
      dropped.push(source);
      return /\salt="([^"]*)"/.exec(image)?.[1] ?? "";
    },
  );
  const rewritten = withPictures.replace(
    /(<a\b[^>]*?\shref=")([^"]*)("[^>]*>)([\s\S]*?)<\/a>/g,
    (link, before: string, target: string, after: string, text: string) => {
      if (/^(#|\/\/|[a-z][a-z0-9+.-]*:)/i.test(target)) return link;
      const [, path, fragment] = /^([^#]*)(.*)$/s.exec(target)!;
      const name = /^(?:\.\/)*([^/]+)\.ipynb$/.exec(decoded(path))?.[1];
      if (name !== undefined && pages.has(name)) {
        return `${before}${pageAddress(name)}${fragment}${after}${text}</a>`;
      }
      dropped.push(target);
      return text;
    },
  );
  return { html: rewritten, dropped };
}

/** A file's path from its address, which need not be in order. */
function decoded(address: string): string {
  try {
    return decodeURIComponent(address);
  } catch {
    return address;
  }
}
