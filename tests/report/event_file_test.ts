import assert from "node:assert/strict";
import { crc32c } from "ldlab/report/crc32c.ts";
import { eventFile } from "ldlab/report/event_file.ts";
import { goldenCases } from "../golden.ts";

Deno.test("eventFile() writes the bytes that TensorBoard writes", async () => {
  for (const { name, inputs, outputs } of await goldenCases("event_file")) {
    const file = eventFile(inputs.scalars, inputs.time);
    assert.equal(file.toBase64(), outputs.base64, name);
  }
});

Deno.test("eventFile() refuses a step that is no count", () => {
  for (const step of [-1, 0.5, NaN, 2 ** 53]) {
    assert.throws(
      () => eventFile([{ tag: "ap", step, value: 1, time: 0 }], 0),
      /^RangeError: Cannot write events: the step of 'ap' must be an integer of at least 0: current value is/,
    );
  }
});

Deno.test("crc32c() gives the sums of RFC 3720", () => {
  // Its appendix B.4.
  const ascending = Uint8Array.from({ length: 32 }, (_, index) => index);
  const cases: [Uint8Array, number][] = [
    [new Uint8Array(32), 0x8a9136aa],
    [new Uint8Array(32).fill(255), 0x62a8ab43],
    [ascending, 0x46dd794e],
    [ascending.toReversed(), 0x113fdb5c],
    [new Uint8Array(), 0],
  ];
  for (const [bytes, sum] of cases) assert.equal(crc32c(bytes), sum);
});
