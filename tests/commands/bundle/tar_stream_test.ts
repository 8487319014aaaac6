import assert from "node:assert/strict";
import { type Entry, textEntry } from "../../../commands/bundle/entry.ts";
import { tarStream } from "../../../commands/bundle/tar_stream.ts";
import { readTar } from "../../../commands/bundle/unpack/read_tar.ts";
import { contents } from "./fake_project.ts";

const long = `${"folder/".repeat(30)}end`;
const entries: Entry[] = [
  textEntry("empty", ""),
  textEntry("a/block", "x".repeat(512)),
  textEntry("a/τ", "more than a block: " + "y".repeat(1000)),
  { ...textEntry("run", "#!/bin/sh\n"), executable: true },
  textEntry(long, "deep"),
  { kind: "link", path: "a/link", target: "../run" },
  { kind: "link", path: `${long}_link`, target: long },
];
const expected = {
  "empty": "",
  "a/block": "x".repeat(512),
  "a/τ": "more than a block: " + "y".repeat(1000),
  "run": "#!/bin/sh\n",
  [long]: "deep",
  "a/link": "../run",
  [`${long}_link`]: long,
};

async function bytesOf(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks = await Array.fromAsync(stream);
  return new Uint8Array(await new Blob(chunks as BlobPart[]).arrayBuffer());
}

async function inFolder(work: (folder: string) => Promise<void>) {
  const folder = await Deno.makeTempDir();
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("tarStream() makes what tar unpacks", () =>
  inFolder(async (folder) => {
    const archive = await bytesOf(tarStream(entries));
    const child = new Deno.Command("tar", {
      args: ["-x", "-C", folder],
      stdin: "piped",
      stderr: "piped",
    }).spawn();
    const writer = child.stdin.getWriter();
    await writer.write(archive);
    await writer.close();
    const { code, stderr } = await child.output();
    assert.equal(code, 0, new TextDecoder().decode(stderr));
    assert.deepEqual(await contents(folder), expected);
    assert.equal((await Deno.stat(`${folder}/run`)).mode! & 0o777, 0o755);
    assert.equal((await Deno.stat(`${folder}/empty`)).mode! & 0o777, 0o644);
  }));

Deno.test("readTar() unpacks it, in whatever pieces it comes", async () => {
  const archive = await bytesOf(tarStream(entries));
  for (const size of [1, 700, archive.length]) {
    await inFolder(async (folder) => {
      await readTar(pieces(archive, size), folder);
      assert.deepEqual(await contents(folder), expected);
      assert.equal((await Deno.stat(`${folder}/run`)).mode! & 0o777, 0o755);
    });
  }
});

Deno.test("readTar() refuses an archive that is cut off, or leads out", () =>
  inFolder(async (folder) => {
    const archive = await bytesOf(tarStream(entries));
    await assert.rejects(
      readTar(pieces(archive.subarray(0, 1400), 512), folder),
      { name: "SyntaxError", message: /the archive is cut off/ },
    );
    for (const path of ["../out", "/out"]) {
      await assert.rejects(readTar(tarStream([textEntry(path, "")]), folder), {
        name: "SyntaxError",
        message: new RegExp(`inside the bundle: current path is '${path}'`),
      });
    }
  }));

Deno.test("tarStream() refuses a file that changed while it was read", async () => {
  const changed = { ...textEntry("a", "12345"), bytes: 4 };
  await assert.rejects(bytesOf(tarStream([changed])), {
    message: /Cannot bundle a: it changed .*from 4 to 5 bytes/,
  });
});

async function* pieces(bytes: Uint8Array, size: number) {
  for (let at = 0; at < bytes.length; at += size) {
    await Promise.resolve();
    yield bytes.slice(at, at + size);
  }
}
