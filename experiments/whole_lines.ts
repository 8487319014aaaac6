/**
 * Cuts text into lines; what a killed writer left of its last one is dropped.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { WholeLines } from "./whole_lines.ts";
 * const text = ReadableStream.from(["on", "e\ntwo\n", "thr"]);
 * const lines = await Array.fromAsync(text.pipeThrough(new WholeLines()));
 * assert.deepEqual(lines, ["one", "two"]);
 * ```
 */
export class WholeLines extends TransformStream<string, string> {
  constructor() {
    let rest = "";
    super({
      transform: (text, controller) => {
        const lines = (rest + text).split("\n");
        rest = lines.pop()!;
        for (const line of lines) controller.enqueue(line);
      },
    });
  }
}
