/**
 * Where weights come from, as plain data: a file of this machine, or a URL whose
 * file is kept in a cache folder.
 */
export type WeightSource =
  | {
    /** A file, used as it is. */
    readonly path: string;
  }
  | {
    /** `https:` or `http:`; its last part names the file in the cache. */
    readonly url: string;
    /**
     * SHA-256 of the file as 64 hex digits. Not needed where the file's name ends
     * in the first 8 digits or more, as those of torchvision and OpenMMLab do.
     */
    readonly sha256?: string;
  };

/** What a URL's file is called in a cache folder, and how it is known. */
export interface CachedFile {
  /** Letters, digits and `._+@-` only: it cannot leave the folder. */
  readonly name: string;
  /** What its SHA-256 begins with, in small letters: 8 to 64 hex digits. */
  readonly sha256: string;
}

const ENDING = /\.(pth|pt|safetensors)$/i;
/** The digits that torch.hub looks for, as in `resnet50-0676ba61.pth`. */
const DIGITS = /-([0-9a-f]{8,64})\.[a-z]+$/;

/**
 * Names the file of a URL in a cache folder: the last part of the URL, which may
 * hold nothing that a path is made of. Where the name does not carry the hash,
 * the hash's first 8 digits are put into it, so that files of equal names stand
 * side by side.
 *
 * @param source The URL and perhaps its hash.
 * @returns The name, and what the file's SHA-256 must begin with.
 * @throws {RangeError} If the URL is none, is of another protocol, or has a last
 * part that is no plain name of a `.pth`, `.pt` or `.safetensors` file; if the
 * hash is none, or there is none.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { cachedFile } from "ldlab/train/weight_source.ts";
 *
 * const url = "https://download.pytorch.org/models/resnet50-0676ba61.pth";
 * const file = { name: "resnet50-0676ba61.pth", sha256: "0676ba61" };
 * assert.deepEqual(cachedFile({ url }), file);
 * const leaving = "https://example.org/..%2F..%2Fetc-0676ba61.pth";
 * assert.throws(() => cachedFile({ url: leaving }), RangeError);
 * ```
 */
export function cachedFile(
  { url, sha256 }: { readonly url: string; readonly sha256?: string },
): CachedFile {
  const name = nameOf(url);
  const digits = DIGITS.exec(name)?.[1];
  if (sha256 === undefined) {
    if (digits !== undefined) return { name, sha256: digits };
    throw new RangeError(
      `Cannot use weights ${url}: nothing says what its file holds. Give its ` +
        `'sha256', or fetch it yourself and give its 'path'`,
    );
  }
  const hash = sha256.toLowerCase();
  if (!/^[0-9a-f]{64}$/.test(hash)) {
    throw new RangeError(
      `Cannot use weights ${url}: 'sha256' must be 64 hex digits: current ` +
        `value is '${sha256}'`,
    );
  }
  const carried = digits !== undefined && hash.startsWith(digits);
  const at = name.search(ENDING);
  return {
    name: carried
      ? name
      : `${name.slice(0, at)}-${hash.slice(0, 8)}${name.slice(at)}`,
    sha256: hash,
  };
}

/** The last part of a URL, if it is a plain name. */
function nameOf(text: string): string {
  const bad = (why: string) =>
    new RangeError(`Cannot use weights ${text}: ${why}`);
  const url = URL.parse(text);
  if (!url) throw bad("it is no URL. A file is given as 'path'");
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    throw bad(
      `its protocol must be 'https:' or 'http:': current one is ` +
        `'${url.protocol}'. A file is given as 'path'`,
    );
  }
  const last = url.pathname.split("/").at(-1)!;
  let name: string | undefined;
  try {
    name = decodeURIComponent(last);
  } catch {
    // no UTF-8: refused below
  }
  const plain = name !== undefined && name.length <= 200 &&
    /^[A-Za-z0-9][A-Za-z0-9._+@-]*$/.test(name) && ENDING.test(name);
  if (plain) return name!;
  throw bad(
    `its last part must be the name of a .pth, .pt or .safetensors file, of ` +
      `letters, digits and ._+@-: current one is '${name ?? last}'`,
  );
}
