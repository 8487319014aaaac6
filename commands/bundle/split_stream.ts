import { createHash } from "node:crypto";
import type { Part } from "./unpack/manifest.ts";

/**
 * Writes a stream as files of a given size.
 *
 * @param chunks The content.
 * @param options.folder Where to; it exists.
 * @param options.name What the files are called, before `.0001`, `.0002` and on.
 * @param options.partBytes Of each but the last, which may be shorter.
 * @returns The files, at least one.
 */
export async function splitStream(
  chunks: AsyncIterable<Uint8Array>,
  { folder, name, partBytes }: {
    folder: string;
    name: string;
    partBytes: number;
  },
): Promise<Part[]> {
  const parts: Part[] = [];
  let part = await openPart(folder, name, 1);
  const finish = () => void parts.push(part.finish());
  try {
    for await (const chunk of chunks) {
      for (let rest = chunk; rest.length > 0;) {
        if (part.bytes === partBytes) {
          // Where it cannot be opened, the one before is still to be closed.
          const next = await openPart(folder, name, parts.length + 2);
          finish();
          part = next;
        }
        const piece = rest.subarray(0, partBytes - part.bytes);
        await part.write(piece);
        rest = rest.subarray(piece.length);
      }
    }
  } finally {
    finish();
  }
  return parts;
}

async function openPart(folder: string, stem: string, number: number) {
  const name = `${stem}.${`${number}`.padStart(4, "0")}`;
  const file = await Deno.create(`${folder}/${name}`);
  const hash = createHash("sha256");
  let bytes = 0;
  return {
    get bytes() {
      return bytes;
    },
    async write(piece: Uint8Array): Promise<void> {
      hash.update(piece);
      bytes += piece.length;
      for (let rest = piece; rest.length > 0;) {
        rest = rest.subarray(await file.write(rest));
      }
    },
    finish(): Part {
      file.close();
      return { name, bytes, sha256: hash.digest("hex") };
    },
  };
}
