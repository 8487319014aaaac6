import assert from "node:assert/strict";
import { splitStream } from "../../../commands/bundle/split_stream.ts";

async function* chunks(...texts: string[]) {
  for (const text of texts) yield new TextEncoder().encode(text);
}

Deno.test("splitStream() cuts where a part is full, and makes none that is empty", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const options = { folder, name: "a", partBytes: 4 };
    const parts = await splitStream(chunks("12345", "678"), options);
    assert.deepEqual(
      parts.map(({ name, bytes }) => [name, bytes]),
      [["a.0001", 4], ["a.0002", 4]],
    );
    assert.equal(await Deno.readTextFile(`${folder}/a.0002`), "5678");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("splitStream() says why a part cannot be opened", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${folder}/a.0002`);
    await assert.rejects(
      splitStream(chunks("12345"), { folder, name: "a", partBytes: 4 }),
      Deno.errors.IsADirectory,
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
