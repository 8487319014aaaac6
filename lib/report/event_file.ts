import { crc32c } from "./crc32c.ts";

/** One value of a curve. */
export interface Scalar {
  /** The curve; TensorBoard groups by what stands before the first `/`. */
  readonly tag: string;
  /** Where on the curve, an integer of at least 0. */
  readonly step: number;
  /** Kept with 32 bits. */
  readonly value: number;
  /** Seconds since 1970. */
  readonly time: number;
}

/**
 * Curves as an event file of TensorBoard.
 *
 * Use it to look at runs in TensorBoard: write it into a folder of its own a run,
 * under a name that has `tfevents` in it. The file is a sequence of records, each
 * with its length and two masked CRC-32C, of an `Event` message.
 *
 * @param scalars The values in the order in which they came about.
 * @param time Seconds since 1970 when the run began.
 * @returns The file.
 * @throws {RangeError} If a step is not an integer of at least 0.
 * @see https://github.com/tensorflow/tensorboard/blob/2.20.0/tensorboard/compat/proto/event.proto
 * @see https://github.com/tensorflow/tensorboard/blob/2.20.0/tensorboard/summary/writer/record_writer.py
 *
 * @example
 * ```ts
 * import { eventFile } from "ldlab/report/event_file.ts";
 * import assert from "node:assert/strict";
 *
 * const file = eventFile([{ tag: "terms/ld", step: 1, value: 0.5, time: 60 }], 0);
 * assert.match(new TextDecoder("latin1").decode(file), /brain\.Event:2.*terms\/ld/s);
 * ```
 */
export function eventFile(
  scalars: readonly Scalar[],
  time: number,
): Uint8Array<ArrayBuffer> {
  const version = bytesField(3, new TextEncoder().encode("brain.Event:2"));
  return joined([
    record(joined([doubleField(1, time), version])),
    ...scalars.map((scalar) => record(event(scalar))),
  ]);
}

/** `Event { wall_time = 1, step = 2, summary = 5 }`. */
function event({ tag, step, value, time }: Scalar): Uint8Array {
  if (!Number.isSafeInteger(step) || step < 0) {
    throw new RangeError(
      `Cannot write events: the step of '${tag}' must be an integer of at ` +
        `least 0: current value is ${step}`,
    );
  }
  // Summary { repeated Value value = 1 }, Value { tag = 1, simple_value = 2 }.
  const entry = joined([
    bytesField(1, new TextEncoder().encode(tag)),
    floatField(2, value),
  ]);
  return joined([
    doubleField(1, time),
    ...(step === 0 ? [] : [varintField(2, step)]), // 0 goes without saying
    bytesField(5, bytesField(1, entry)),
  ]);
}

/** Length, its checksum, the data, its checksum; all little-endian. */
function record(data: Uint8Array): Uint8Array {
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(data.length), true);
  return joined([length, maskedChecksum(length), data, maskedChecksum(data)]);
}

function maskedChecksum(data: Uint8Array): Uint8Array {
  const crc = crc32c(data);
  const bytes = new Uint8Array(4);
  const rotated = (crc >>> 15) | (crc << 17);
  new DataView(bytes.buffer).setUint32(0, rotated + 0xa282ead8, true);
  return bytes;
}

/** Numbers of fields and kinds of values, as protocol buffers have them. */
const key = (field: number, kind: 0 | 1 | 2 | 5) => (field << 3) | kind;

function varintField(field: number, value: number): Uint8Array {
  return Uint8Array.of(key(field, 0), ...varint(value));
}

function doubleField(field: number, value: number): Uint8Array {
  const bytes = new Uint8Array(9);
  bytes[0] = key(field, 1);
  new DataView(bytes.buffer).setFloat64(1, value, true);
  return bytes;
}

function floatField(field: number, value: number): Uint8Array {
  const bytes = new Uint8Array(5);
  bytes[0] = key(field, 5);
  new DataView(bytes.buffer).setFloat32(1, value, true);
  return bytes;
}

function bytesField(field: number, value: Uint8Array): Uint8Array {
  return joined([
    Uint8Array.of(key(field, 2), ...varint(value.length)),
    value,
  ]);
}

/** Seven bits a byte, the lowest first. */
function varint(value: number): number[] {
  const bytes = [];
  for (; value >= 128; value = Math.floor(value / 128)) {
    bytes.push(value % 128 + 128);
  }
  return [...bytes, value];
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
