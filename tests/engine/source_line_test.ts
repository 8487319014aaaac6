import { atLine } from "ldlab/engine/source_line.ts";
import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";

// Frames as V8 prints them: v8.dev/docs/stack-trace-api.
const PLACE = "file:///lab/ld lab (1)/step (2).ts:3:12";
for (
  const frame of [
    PLACE,
    `step (${PLACE})`,
    `async ${PLACE}`,
    `async step (${PLACE})`,
    `new Step (${PLACE})`,
    `Object.run [as step] (${PLACE})`,
  ]
) {
  Deno.test(`atLine() finds the place in the frame ${frame}`, () => {
    const stack = `Error\n    at Array.map (<anonymous>)\n    at ${frame}`;
    assert.equal(atLine({ stack }), ` (at ${PLACE})`);
  });
}

Deno.test("withLine() skips the engine in a folder whose name is encoded in addresses", async () => {
  const folder = await Deno.makeTempDir({ prefix: "é #1 (a) " });
  try {
    const file = `${folder}/source_line.ts`;
    const original = import.meta.resolve("ldlab/engine/source_line.ts");
    await Deno.copyFile(new URL(original), file);
    const { withLine } = await import(pathToFileURL(file).href) as {
      withLine: (record: () => void) => void;
    };
    const refuse = () => {
      throw new RangeError("No");
    };
    assert.throws(
      () => withLine(refuse),
      /^RangeError: No \(at file:.*\/source_line_test\.ts:\d+:\d+\)$/,
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
