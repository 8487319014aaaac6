import assert from "node:assert/strict";
import { contextConfig } from "ldlab/engine/config_proto.ts";
import { fields } from "ldlab/engine/protobuf.ts";

Deno.test("contextConfig() caps a card's memory by a share of it", () => {
  const threads = { threads: 300, threadsPerOp: 2 };
  const config = contextConfig(threads, { index: 12, memoryFraction: 0.375 });
  const message = [...fields(config)];
  const of = (number: number) =>
    message.filter((field) => field.number === number);
  assert.deepEqual(of(2).map(({ value }) => value), [2]);
  assert.deepEqual(of(5).map(({ value }) => value), [300]);
  const [fraction, growth, visible] = [...fields(of(6)[0].bytes)];
  assert.equal(fraction.number, 1);
  const { buffer, byteOffset } = fraction.bytes;
  assert.equal(new DataView(buffer, byteOffset).getFloat64(0, true), 0.375);
  assert.deepEqual([growth.number, growth.value], [4, 1]);
  assert.equal(visible.number, 5);
  assert.equal(new TextDecoder().decode(visible.bytes), "12");
});
