import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { constants, createZstdCompress } from "node:zlib";
import type { Component } from "./entry.ts";
import { splitStream } from "./split_stream.ts";
import { tarStream } from "./tar_stream.ts";
import {
  MANIFEST,
  type Manifest,
  type PackedComponent,
  type Part,
} from "./unpack/manifest.ts";

/** A tenth smaller than the fastest, in a minute or two for TensorFlow. */
const ZSTD_LEVEL = 9;

/** What `unpack.sh` runs with the Deno that it joins. */
const UNPACKERS = [
  "check_parts.ts",
  "manifest.ts",
  "read_tar.ts",
  "unpack.ts",
  "unpack_parts.ts",
];

/** What `unpack.sh` needs by itself, as `sha256sum` writes it. */
const START = "start.sha256";

/**
 * Writes a bundle as parts of a given size, beside an `unpack.sh` that joins,
 * verifies and unpacks them. Equal components give equal parts, so that after a
 * change only those that differ have to be copied again.
 *
 * @param components What goes in; the first is Deno alone.
 * @param folder Where to; it exists and is empty.
 * @param options.partBytes How large a part may be.
 * @param options.onComponent Told of each component when it is written.
 * @returns What `manifest.json` says.
 */
export async function writeParts(
  components: readonly Component[],
  folder: string,
  { partBytes, version, commit, onComponent = () => {} }: {
    partBytes: number;
    version: string;
    commit: string;
    onComponent?: (component: PackedComponent) => void;
  },
): Promise<Manifest> {
  const packed: PackedComponent[] = [];
  for (const component of components) {
    packed.push(await writeComponent(component, folder, partBytes));
    onComponent(packed.at(-1)!);
  }
  const manifest: Manifest = { version, commit, components: packed };
  const text = JSON.stringify(manifest, null, 1) + "\n";
  await Deno.writeTextFile(`${folder}/${MANIFEST}`, text);
  await writeUnpackers(folder, packed[0].parts);
  return manifest;
}

async function writeComponent(
  { name, entries }: Component,
  folder: string,
  partBytes: number,
): Promise<PackedComponent> {
  const bytes = entries.reduce(
    (sum, entry) => sum + (entry.kind === "file" ? entry.bytes : 0),
    0,
  );
  const common = { name, files: entries.length, bytes };
  if (name === "deno") {
    const [entry] = entries;
    if (entry.kind !== "file") {
      throw new TypeError("Cannot bundle: Deno is a link");
    }
    const parts = await splitStream(entry.open(), { folder, name, partBytes });
    return { ...common, packing: "none", parts };
  }
  let parts: Part[] = [];
  await pipeline(
    Readable.from(tarStream(entries)),
    createZstdCompress({
      params: { [constants.ZSTD_c_compressionLevel]: ZSTD_LEVEL },
    }),
    async (archive: AsyncIterable<Uint8Array>) => {
      const stem = `${name}.tar.zst`;
      parts = await splitStream(archive, { folder, name: stem, partBytes });
    },
  );
  return { ...common, packing: "tar.zst", parts };
}

async function writeUnpackers(
  folder: string,
  deno: readonly Part[],
): Promise<void> {
  const source = (name: string) => new URL(`./unpack/${name}`, import.meta.url);
  await Deno.mkdir(`${folder}/unpack`);
  const sums = deno.map(({ name, sha256 }) => `${sha256}  ${name}\n`);
  for (const name of UNPACKERS) {
    await Deno.copyFile(source(name), `${folder}/unpack/${name}`);
    sums.push(await sumLine(folder, `unpack/${name}`));
  }
  sums.push(await sumLine(folder, MANIFEST));
  await Deno.writeTextFile(`${folder}/${START}`, sums.join(""));
  await Deno.copyFile(source("unpack.sh"), `${folder}/unpack.sh`);
  await Deno.chmod(`${folder}/unpack.sh`, 0o755);
}

async function sumLine(folder: string, name: string): Promise<string> {
  const content = await Deno.readFile(`${folder}/${name}`);
  const digest = await crypto.subtle.digest("SHA-256", content);
  return `${new Uint8Array(digest).toHex()}  ${name}\n`;
}
