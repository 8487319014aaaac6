import { statfs } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createZstdDecompress } from "node:zlib";
import { checkParts } from "./check_parts.ts";
import { MANIFEST, type Manifest, type Part } from "./manifest.ts";
import { readTar } from "./read_tar.ts";

/** What folders and half-filled blocks take beside the files themselves. */
const BYTES_PER_FILE = 4096;

/**
 * Verifies a bundle's parts, then unpacks all but Deno, which `unpack.sh` joined
 * to run this.
 *
 * @param from Where the parts lie.
 * @param to An existing folder.
 * @param options.say Told what is being done.
 * @param options.freeBytes What is free where a folder lies.
 * @throws {Error} If a part is missing or damaged, or the disk too small, before
 * anything is written; else what the file system throws.
 */
export async function unpackParts(
  from: string,
  to: string,
  { say = () => {}, freeBytes = diskFree }: {
    say?: (message: string) => void;
    freeBytes?: (folder: string) => Promise<number>;
  } = {},
): Promise<void> {
  const manifest: Manifest = JSON.parse(
    await Deno.readTextFile(`${from}/${MANIFEST}`),
  );
  const { components, version, commit } = manifest;
  const parts = components.flatMap((component) => component.parts);
  say(`verifying ${parts.length} parts of ldlab ${version} (${commit})`);
  await checkParts(from, parts);
  const packed = components.filter(({ packing }) => packing !== "none");
  const needed = packed.reduce(
    (sum, { bytes, files }) => sum + bytes + files * BYTES_PER_FILE,
    0,
  );
  const free = await freeBytes(to);
  if (free < needed) {
    throw new Error(
      `Cannot unpack: ${mebibytes(needed)} are needed, and ${
        mebibytes(free)
      } ` +
        `are free at ${to}. Free some, or name a folder on another disk: ` +
        `sh unpack.sh FOLDER`,
    );
  }
  for (const { name, files, bytes, parts } of packed) {
    say(`unpacking ${name}: ${files} files, ${mebibytes(bytes)}`);
    await pipeline(
      Readable.from(joined(from, parts)),
      createZstdDecompress(),
      (archive: AsyncIterable<Uint8Array>) => readTar(archive, to),
    );
  }
}

async function* joined(
  folder: string,
  parts: readonly Part[],
): AsyncGenerator<Uint8Array> {
  for (const { name } of parts) {
    yield* (await Deno.open(`${folder}/${name}`)).readable;
  }
}

async function diskFree(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MiB`;
}
