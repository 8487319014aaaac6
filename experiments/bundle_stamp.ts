import { projectFolder } from "./project.ts";

/** The file that makes a folder a bundle: it brings all that it runs with. */
export const BUNDLE_STAMP = ".ldlab-bundle";

/** What a bundle says of itself. */
export interface BundleStamp {
  /** The commit of the code in it, as `commitId` gave it. */
  readonly commit: string;
}

/**
 * What a bundle's stamp says.
 *
 * @returns Its content, for a file {@link BUNDLE_STAMP}.
 */
export function writeBundleStamp({ commit }: BundleStamp): string {
  return `${JSON.stringify({ commit })}\n`;
}

/**
 * Whether this is a bundle, and of what.
 *
 * @param folder The project's folder.
 * @returns What its stamp says; null where there is none.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { bundleStamp } from "./bundle_stamp.ts";
 *
 * assert.equal(bundleStamp("/no/such/folder"), null);
 * ```
 */
export function bundleStamp(folder = projectFolder): BundleStamp | null {
  let text: string;
  try {
    text = Deno.readTextFileSync(`${folder}/${BUNDLE_STAMP}`);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
  return JSON.parse(text);
}
