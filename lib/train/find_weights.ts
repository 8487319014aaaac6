import { join, sep } from "node:path";
import { downloadFile, type DownloadProgress } from "./download_file.ts";
import { sha256OfFile } from "./file_hash.ts";
import { cachedFile, type WeightSource } from "./weight_source.ts";

/** How weights are looked for. */
export interface FindWeightsOptions {
  /** Where files of URLs are kept; made when one is downloaded. */
  readonly cacheFolder: string;
  /** Whether a file that is not in the cache may be downloaded. */
  readonly allowDownload: boolean;
  /** Told how a download goes on, a few times a second at most. */
  readonly onProgress?: (progress: DownloadProgress) => void;
  /** Stops a download, which a later call goes on with. */
  readonly signal?: AbortSignal;
}

/**
 * Finds the file of weights: a path as it is, a URL in the cache folder. Nothing
 * is downloaded unless that is allowed. A file of the cache is held to its hash
 * each time.
 *
 * Use it before {@linkcode readWeightsFile}. Where a machine has no network, a
 * file may be put into the cache by hand, under the name that the error says.
 *
 * @param source A path, or a URL with a hash.
 * @returns The path of the file, whose hash is right if it came from a URL.
 * @throws {Deno.errors.NotFound} If the path is missing, or the URL's file is
 * not in the cache and may not be downloaded.
 * @throws {RangeError} If the URL names no file, or its name leads out of the
 * cache folder ({@linkcode cachedFile}).
 * @throws {SyntaxError} If the file has another hash; one that was just
 * downloaded is removed.
 * @throws {Error} If the download fails, with the server's status or at how many
 * bytes it ended; or the signal's reason.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { findWeights } from "ldlab/train/find_weights.ts";
 *
 * const cacheFolder = await Deno.makeTempDir();
 * const url = "https://example.org/zeros-af5570f5.pth";
 * const find = () => findWeights({ url }, { cacheFolder, allowDownload: false });
 * await assert.rejects(find(), /--download/);
 * await Deno.writeFile(`${cacheFolder}/zeros-af5570f5.pth`, new Uint8Array(8));
 * assert.equal(await find(), `${cacheFolder}/zeros-af5570f5.pth`);
 * await Deno.remove(cacheFolder, { recursive: true });
 * ```
 */
export async function findWeights(
  source: WeightSource,
  options: FindWeightsOptions,
): Promise<string> {
  if ("path" in source) return await existingPath(source.path);
  const { cacheFolder, allowDownload, onProgress, signal } = options;
  const { url } = source;
  const { name, sha256 } = cachedFile(source);
  const path = join(cacheFolder, name);
  if (await isInFolder(path, cacheFolder)) {
    const actual = await sha256OfFile(path, { signal });
    if (actual.startsWith(sha256)) return path;
    throw new SyntaxError(
      `Cannot use weights ${path}: its SHA-256 begins with ` +
        `${
          actual.slice(0, sha256.length)
        }, ${url} must have ${sha256}. Remove ` +
        `it, and let it be downloaded again with --download`,
    );
  }
  if (!allowDownload) {
    throw new Deno.errors.NotFound(
      `Cannot find weights ${url}: they are not in the cache. Allow the ` +
        `download with --download, or put the file at ${path}`,
    );
  }
  await Deno.mkdir(cacheFolder, { recursive: true });
  await downloadFile({ url, path, sha256 }, { onProgress, signal });
  return path;
}

async function existingPath(path: string): Promise<string> {
  let found: Deno.FileInfo;
  try {
    found = await Deno.stat(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Deno.errors.NotFound(
      `Cannot find weights ${path}: there is no such file. Give the path of a ` +
        `.pth or .safetensors file, or its URL`,
    );
  }
  if (found.isFile) return path;
  throw new Deno.errors.NotFound(
    `Cannot find weights ${path}: it is a folder. Give the path of a file in it`,
  );
}

/** Whether there is such a file, and really in the folder. */
async function isInFolder(path: string, folder: string): Promise<boolean> {
  let found: Deno.FileInfo;
  try {
    found = await Deno.lstat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
  const bad = (why: string) =>
    new RangeError(`Cannot use weights ${path}: ${why}`);
  if (found.isSymlink) {
    const to = await Deno.realPath(path).catch(() => {
      throw bad("it is a link to nothing. Remove it");
    });
    if (!to.startsWith((await Deno.realPath(folder)) + sep)) {
      throw bad(
        `it is a link out of the cache folder, to ${to}. Remove it, and give ` +
          `that path itself`,
      );
    }
    found = await Deno.stat(path);
  }
  if (!found.isFile) throw bad("it is no file. Remove it");
  return true;
}
